"""One image and the ways in which DICOM may store it: depth, sign, look-up tables, transfer syntax."""

from io import BytesIO

import gdcm
import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

LOSSY = (JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless, JPEG2000, HTJ2K)
FRAME = 8  # pixels: the unexposed border

_NO_ENCODER = "nothing else encodes this: 'pip install imagecodecs' (BSD-3-Clause)"


def _chest():
    """Return uint8, shape (256, 240): lungs between bright shoulders, a black frame around.

    Its grey levels are what any depth from 8 bits on can hold, and what 8-bit JPEG gives back unchanged:
    CLAHE jumps by up to 21 levels where a single pixel of its input differs by one, so twins are only
    the same picture if their display bytes are equal. Black and white each hold more than 2 % of the
    field, so percentiles show what a window that spans the depth shows.
    """
    y, x = np.mgrid[-1:1:256j, -1:1:240j]
    lungs = sum(np.exp(-(((x - side) / 0.3) ** 2) - ((y + 0.05) / 0.6) ** 2) for side in (-0.45, 0.45))
    ribs = 0.12 * np.sin(9 * np.pi * (y - 0.5 * x**2))
    noise = np.random.default_rng(11).normal(0, 0.01, x.shape)
    grey = 0.7 - lungs + ribs - 0.5 * y * x + noise
    rank = np.empty(grey.size)
    rank[np.argsort(grey, axis=None)] = np.linspace(-0.05, 1.05, grey.size)
    radiograph = np.round(255 * np.clip(rank.reshape(grey.shape), 0, 1)).astype(np.uint8)
    radiograph[:FRAME] = radiograph[-FRAME:] = radiograph[:, :FRAME] = radiograph[:, -FRAME:] = 0
    for _ in range(20):  # settles after about 10
        radiograph = np.asarray(Image.open(BytesIO(_jpeg(radiograph))))
    return radiograph


def _jpeg(pixels, **options):
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=100, **options)
    return stream.getvalue()


RADIOGRAPH = _chest()


def stored(bits=12, *, signed=False, inverted=False, allocated=None):
    """Return the image as values that span the bits; signed ones start at -2**(bits - 1)."""
    levels = np.round(
        (255 - RADIOGRAPH.astype(int) if inverted else RADIOGRAPH) * ((2**bits - 1) / 255)
    ).astype(int)
    size = (allocated or (8 if bits == 8 else 16)) // 8
    return (levels - signed * 2 ** (bits - 1)).astype(f"{'i' if signed else 'u'}{size}")


def spanning(bits=12, *, signed=False):
    """Return the LINEAR window from the lowest value that the bits hold to the highest (PS3.3 C.11.2.1.2)."""
    return {"WindowCenter": 0 if signed else 2 ** (bits - 1), "WindowWidth": 2**bits}


def voi_lut(entries, *, bits, first=0, packed=False, order="<"):
    """Return a VOI LUT Sequence; packed: a byte for each 8-bit entry; order: of the bytes in a word."""
    item = Dataset()
    item.LUTDescriptor = [len(entries) % 2**16, first, bits]
    item["LUTDescriptor"].VR = "SS" if first < 0 else "US"
    item.LUTData = np.asarray(entries).astype("u1" if packed else f"{order}u2").tobytes()
    item["LUTData"].VR = "OW"
    return {"VOILUTSequence": [item]}


def palette(levels, *, bits, order="<"):
    """Return the palette that shows index i as grey levels[i], 0..255; bits: of an entry, 8 or 16."""
    elements = {"PhotometricInterpretation": "PALETTE COLOR"}
    entries = np.asarray(levels).astype(int) * (257 if bits == 16 else 1)
    for colour in ("Red", "Green", "Blue"):
        elements[f"{colour}PaletteColorLookupTableDescriptor"] = [len(entries) % 2**16, 0, bits]
        elements[f"{colour}PaletteColorLookupTableData"] = entries.astype(f"{order}u{bits // 8}").tobytes()
    return elements


def compress(path, syntax, encode=None):
    """Store the native image at path in a compressed transfer syntax; encode: not by the usual encoder."""
    dataset = pydicom.dcmread(path)
    kind = f"<{'i' if dataset.PixelRepresentation else 'u'}{dataset.BitsAllocated // 8}"
    shape = (dataset.Rows, dataset.Columns, dataset.SamplesPerPixel)
    pixels = np.frombuffer(dataset.PixelData, dtype=kind)[: np.prod(shape)].reshape(shape)
    _save(dataset, path, syntax, (encode or ENCODERS[syntax])(dataset, pixels.squeeze()))


def shorten(path, keep, *, zeros=False, end=b""):
    """Cut off the end of a compressed stream, its encapsulation whole: what a failed sender leaves.

    zeros: put them in place of the rest, as an interrupted copy into a file of full length does. end: what
    is put behind what is left.
    """
    dataset = pydicom.dcmread(path)
    stream = next(generate_frames(dataset.PixelData, number_of_frames=1))
    kept = stream[: int(len(stream) * keep)]
    _save(
        dataset,
        path,
        dataset.file_meta.TransferSyntaxUID,
        kept + bytes(len(stream) - len(kept)) * zeros + end,
    )


def _save(dataset, path, syntax, stream):
    dataset.PixelData = encapsulate([stream])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(path, enforce_file_format=True)


def by_pydicom(syntax, **options):
    """Return pydicom's encoder. It takes RGB for YBR_RCT and YBR_ICT, and transforms it."""

    def encode(dataset, pixels):
        dataset.compress(syntax, generate_instance_uid=False, **options)
        return next(generate_frames(dataset.PixelData, number_of_frames=1))

    return encode


def by_pillow(dataset, pixels):
    """Return JPEG with 8 bits a sample. RGB is transformed as Photometric Interpretation says."""
    if pixels.ndim == 2:
        return _jpeg(pixels)
    sampling = "4:2:2" if dataset.PhotometricInterpretation == "YBR_FULL_422" else "4:4:4"
    return _jpeg(pixels, subsampling=sampling, keep_rgb=dataset.PhotometricInterpretation == "RGB")


def by_gdcm(syntax):
    """Return GDCM's encoder of RLE and lossless JPEG; it takes an even number of bytes.

    Its 12-bit JPEG is not for twins: GDCM 3.2 writes a precision of 16 bits, which ITU-T T.81 lacks.
    """

    def encode(dataset, pixels):
        writer = gdcm.ImageWriter()
        image = writer.GetImage()
        image.SetNumberOfDimensions(2)
        image.SetDimensions((dataset.Columns, dataset.Rows, 1))
        shown = gdcm.PhotometricInterpretation.GetPIType(dataset.PhotometricInterpretation)
        image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(shown))
        image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.ExplicitVRLittleEndian))
        depth = (dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation)
        image.SetPixelFormat(gdcm.PixelFormat(dataset.SamplesPerPixel, *depth))
        if dataset.SamplesPerPixel > 1:
            image.SetPlanarConfiguration(0)
        element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
        element.SetByteStringValue(pixels.tobytes())
        image.SetDataElement(element)
        change = gdcm.ImageChangeTransferSyntax()
        change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(str.__str__(syntax))))
        change.SetInput(image)
        assert change.Change()
        fragment = change.GetOutput().GetDataElement().GetSequenceOfFragments().GetFragment(0)
        return fragment.GetByteValue().GetBuffer().encode("utf-8", "surrogateescape")

    return encode


def by_libjpeg_turbo(**options):
    """Return libjpeg-turbo's encoder: 12-bit JPEG, and lossless JPEG with any of the 7 predictors."""

    def encode(dataset, pixels):
        imagecodecs = pytest.importorskip("imagecodecs", reason=_NO_ENCODER)
        unsigned = pixels.view(f"u{pixels.itemsize}") & (2**dataset.BitsStored - 1)
        return imagecodecs.jpeg8_encode(unsigned, **{"bitspersample": dataset.BitsStored, **options})

    return encode


def by_openjph(**options):
    """Return OpenJPH's encoder of High-Throughput JPEG 2000; its precision is Bits Allocated."""

    def encode(dataset, pixels):
        imagecodecs = pytest.importorskip("imagecodecs", reason=_NO_ENCODER)
        return imagecodecs.htj2k_encode(pixels, **options)

    return encode


# The lossy syntaxes with 8 bits: reversible, which they allow. One grey level off is too much for a twin;
# deeper images lose less than half of one.


def _near_lossless(dataset, pixels):
    return by_pydicom(JPEGLSNearLossless, jls_error=0 if dataset.BitsStored == 8 else 1)(dataset, pixels)


def _jpeg_2000(dataset, pixels):
    quality = {"j2k_cr": [1]} if dataset.BitsStored == 8 else {"j2k_psnr": [120]}
    return by_pydicom(JPEG2000, **quality)(dataset, pixels)


def _high_throughput(dataset, pixels):
    return by_openjph(reversible=dataset.BitsStored == 8)(dataset, pixels)


def _extended(dataset, pixels):
    encode = by_pillow if dataset.BitsStored == 8 else by_libjpeg_turbo(level=100, bitspersample=12)
    return encode(dataset, pixels)


ENCODERS = {
    RLELossless: by_gdcm(RLELossless),
    JPEGBaseline8Bit: by_pillow,
    JPEGExtended12Bit: _extended,
    JPEGLossless: by_gdcm(JPEGLossless),
    JPEGLosslessSV1: by_gdcm(JPEGLosslessSV1),
    JPEGLSLossless: by_pydicom(JPEGLSLossless),
    JPEGLSNearLossless: _near_lossless,
    JPEG2000Lossless: by_pydicom(JPEG2000Lossless),
    JPEG2000: _jpeg_2000,
    HTJ2KLossless: by_openjph(reversible=True),
    HTJ2KLosslessRPCL: by_openjph(reversible=True, tlm=True),
    HTJ2K: _high_throughput,
}
