"""Which transfer syntaxes this installation reads, and with what."""

from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID

from screener.intake import jpeg_extended  # noqa: F401  # registers the decoder

_COMPRESSED = (
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.4.201",
    "1.2.840.10008.1.2.4.202",
    "1.2.840.10008.1.2.4.203",
    "1.2.840.10008.1.2.5",
)


def decoders() -> list[tuple[str, str]]:
    """Return each compressed transfer syntax (PS3.5 A.4) with the decoders that read it here."""
    found = []
    for uid in map(UID, _COMPRESSED):
        decoder = get_decoder(uid)
        plugins = ", ".join(decoder.available_plugins)
        missing = "; ".join(decoder.missing_dependencies)
        found.append((uid.name, plugins or f"none: {missing}"))
    return found
