"""From paths to radiographs: the only place that knows DICOM, JPEG and PNG."""

from screener.intake.read import OpenedImage, open_image, pixel_digest, read_picture, read_radiograph
from screener.intake.roots import Root, display_name, scan_roots
from screener.intake.walk import classify, count_files, find_files

__all__ = [
    "OpenedImage",
    "Root",
    "classify",
    "count_files",
    "display_name",
    "find_files",
    "open_image",
    "pixel_digest",
    "read_picture",
    "read_radiograph",
    "scan_roots",
]
