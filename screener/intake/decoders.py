"""Which transfer syntaxes this installation reads, and with what."""

from importlib.metadata import PackageNotFoundError, version

from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID, JPEGLSTransferSyntaxes

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

# Permissive licences only. pydicom would also take pylibjpeg-libjpeg, which is under GPL-3.
_LIBRARIES = {
    "pydicom": "uncompressed, deflated, RLE",
    "python-gdcm": "JPEG (8 bits, 12 bits, lossless), JPEG-LS, JPEG 2000",
    "pylibjpeg-openjpeg": "High-Throughput JPEG 2000; JPEG 2000 where GDCM fails",
    "pylibjpeg": "what pylibjpeg-openjpeg reads, which pydicom finds through it",
    "pyjpegls": "JPEG-LS where GDCM is missing",
    "pillow": "JPEG (8 bits) and JPEG 2000 where GDCM fails",
}
_GPL = "pylibjpeg-libjpeg"


def decoders() -> list[tuple[str, str]]:
    """Return each compressed transfer syntax (PS3.5 A.4) with the decoders that read it here."""
    found = []
    for uid in map(UID, _COMPRESSED):
        decoder = get_decoder(uid)
        plugins = decoding_plugin(uid) or ", ".join(decoder.available_plugins)
        missing = "; ".join(each for each in decoder.missing_dependencies if _GPL not in each)
        found.append((uid.name, plugins or f"none: {missing}"))
    return found


def decoder_libraries() -> list[tuple[str, str]]:
    """Return each library that decodes DICOM pixels with its version, or what is not read without it."""
    return [(name, _state(name, reads)) for name, reads in _LIBRARIES.items()]


def decoding_plugin(syntax: UID) -> str:
    """Return the one plugin of pydicom to decode with, empty where it may try one after the other.

    JPEG-LS: GDCM refuses a truncated stream in 2 ms. pyjpegls 1.5.1, which pydicom would ask next,
    refuses it too, after 6 s for a film of 256 × 240 pixels.
    """
    if syntax in JPEGLSTransferSyntaxes and "gdcm" in get_decoder(syntax).available_plugins:
        return "gdcm"
    return ""


def _state(name: str, reads: str) -> str:
    try:
        return f"{version(name)}: {reads}"
    except PackageNotFoundError:
        return f"not installed, would read {reads}: pip install {name}"
