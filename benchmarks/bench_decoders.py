"""Which decoder is fastest for each compressed syntax, of those that give the right values.

Run: python -m benchmarks.bench_decoders --markdown

One 12-bit image of 2,048 × 2,500, encoded anew; milliseconds of one core, the least of the repeats. What a
decoder does with a stream that ends early is told as well: only one that refuses it may be chosen.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from PIL import Image, ImageFile
from pydicom import Dataset, dcmread
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.utils import pixel_array
from pydicom.uid import (
    UID,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from benchmarks.speed import figures, inputs
from screener.intake.decode.dispatch import stored_values

SYNTAXES = (
    JPEGLosslessSV1,
    JPEGExtended12Bit,
    JPEGLSLossless,
    JPEG2000Lossless,
    HTJ2KLossless,
    RLELossless,
)
CUT = 0.6  # of the stream that is left
ALONE: dict[UID, tuple[str, Callable[[bytes], Any]]] = {
    JPEGLosslessSV1: ("imagecodecs (libjpeg-turbo)", imagecodecs.jpeg8_decode),
    JPEGExtended12Bit: ("imagecodecs (libjpeg-turbo)", imagecodecs.jpeg8_decode),
    JPEGLSLossless: ("imagecodecs (CharLS)", imagecodecs.jpegls_decode),
    HTJ2KLossless: ("imagecodecs (OpenJPH)", imagecodecs.htj2k_decode),
    JPEG2000Lossless: (
        "imagecodecs (OpenJPEG)",
        lambda stream: imagecodecs.jpeg2k_decode(stream, numthreads=1),
    ),
}


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    rows = [["syntax", "decoder", "ms", "the same values", "a stream cut short", "zeros for the rest"]]
    radiograph = inputs.deep_radiograph(0)
    with tempfile.TemporaryDirectory() as folder:
        for syntax in SYNTAXES:
            path = Path(folder) / "image.dcm"
            inputs.write_dx(path, radiograph, syntax, 0)
            rows += rows_for(dcmread(path), syntax, radiograph, arguments.repeats)
    print((figures.as_markdown if arguments.markdown else figures.as_text)(rows))


def rows_for(dataset: Dataset, syntax: UID, radiograph: Any, repeats: int) -> list[list[str]]:
    """Return a row for each decoder of one syntax; Screener's own choice first."""
    found = []
    for name, decode in decoders_of(syntax).items():
        if not reads(decode, dataset):
            continue
        values, took = None, []
        for _ in range(repeats):
            before = time.process_time()
            values = decode(dataset)
            took.append(time.process_time() - before)
        most = np.abs(np.asarray(values).astype(int) - radiograph).max()
        same = "yes" if not most else f"within {most}"
        found.append([syntax.name.split(" (")[0].split(",")[0], name, f"{1000 * min(took):.0f}", same])
        found[-1] += [told(decode, cut(dataset)), told(decode, cut(dataset, zeros=True))]
    return found


def reads(decode: Callable[[Dataset], Any], dataset: Dataset) -> bool:
    """Return whether a decoder takes the image at all."""
    try:
        return decode(dataset) is not None
    except Exception:  # noqa: BLE001  # each library has its own
        return False


def decoders_of(syntax: UID) -> dict[str, Callable[[Dataset], Any]]:
    """Return each way to decode a syntax that is installed here."""
    found: dict[str, Callable[[Dataset], Any]] = {"Screener": stored_values}
    for plugin in get_decoder(syntax).available_plugins:
        found[f"pydicom, {plugin}"] = lambda dataset, plugin=plugin: pixel_array(  # type: ignore[misc]
            dataset, decoding_plugin=plugin
        )
    if syntax in ALONE:
        name, decode = ALONE[syntax]
        found[name] = lambda dataset: decode(frame(dataset))
    if syntax == JPEG2000Lossless:
        found["Pillow (OpenJPEG)"] = by_pillow
    return found


def by_pillow(dataset: Dataset) -> Any:
    """Decode JPEG 2000 by Pillow, which scales 12 bits to 16."""
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with Image.open(BytesIO(frame(dataset)), formats=("JPEG2000",)) as opened:
        return np.asarray(opened) >> (16 - dataset.BitsStored)


def frame(dataset: Dataset) -> bytes:
    """Return the compressed stream."""
    return next(generate_frames(dataset.PixelData, number_of_frames=1))


def cut(dataset: Dataset, zeros: bool = False) -> Dataset:
    """Return an image whose stream ends early, or goes on in zeros, its capsule whole."""
    stream = frame(dataset)
    kept = stream[: int(CUT * len(stream))]
    short = Dataset()
    short.update({element.tag: element for element in dataset if element.keyword != "PixelData"})
    short.file_meta = dataset.file_meta
    short.PixelData = encapsulate([kept + bytes(len(stream) - len(kept)) * zeros])
    short["PixelData"].is_undefined_length = True
    return short


def told(decode: Callable[[Dataset], Any], dataset: Dataset) -> str:
    """Return what becomes of a stream that ends early."""
    try:
        decode(dataset)
    except Exception:  # noqa: BLE001  # each library has its own
        return "refused"
    return "filled up"


if __name__ == "__main__":
    main()
