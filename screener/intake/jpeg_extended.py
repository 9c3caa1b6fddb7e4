"""12-bit JPEG (JPEG Extended, PS3.5 8.2.1): a plugin for pydicom, whose own GDCM plugin declines it.

GDCM 3.2 reads it: a film in 12-bit JPEG and its lossless twin differ by a few grey levels of 1024,
and a truncated stream gives nothing. Importing this module registers the plugin.
"""

import importlib.util

from pydicom.pixels.decoders.base import DecodeRunner, get_decoder
from pydicom.uid import JPEGExtended12Bit

DECODER_DEPENDENCIES = {JPEGExtended12Bit: ("gdcm>=3.0",)}


def is_available(uid: str) -> bool:
    """Return whether GDCM is installed; pydicom asks."""
    return uid in DECODER_DEPENDENCIES and importlib.util.find_spec("gdcm") is not None


def decode_frame(source: bytes, runner: DecodeRunner) -> bytes:
    """Return one frame, 16 bits per sample, little endian; pydicom calls.

    Raises:
        ValueError: GDCM cannot decode it.
    """
    import gdcm  # type: ignore[import-untyped]

    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(source)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())

    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((runner.columns, runner.rows, 1))
    image.SetDataElement(element)
    shown = gdcm.PhotometricInterpretation.GetPIType(str(runner.photometric_interpretation))
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(shown))
    syntax = gdcm.TransferSyntax.GetTSType(str.__str__(JPEGExtended12Bit))
    image.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    # 16 bits stored, whatever the header says: GDCM clears those above, and white that overshoots
    # by one would come out black.
    image.SetPixelFormat(gdcm.PixelFormat(runner.samples_per_pixel, 16, 16, 15, runner.pixel_representation))

    frame = image.GetBuffer()  # char* as text; None where it cannot be decoded
    if frame is None or runner.bits_allocated != 16:
        raise ValueError("GDCM cannot decode this 12-bit JPEG")
    return bytes(frame.encode("utf-8", "surrogateescape"))


get_decoder(JPEGExtended12Bit).add_plugin("gdcm-12-bit", (__name__, "decode_frame"))
