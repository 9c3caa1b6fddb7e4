"""Which packages lend pictures that are no chest radiograph: of which kind, how many, under which licence."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """What one package, or one folder in it, lends.

    kind: the folder of OUT that its pictures go to; empty for DICOM, whose modality is the kind. most: how
    many serve at most, so that no package outweighs the others. within: what paths in the package
    contain. licence: of the pictures, by the package's copyright file; most collect works of many people.
    """

    kind: str
    most: int
    licence: str
    within: str = ""


SOURCES: dict[str, tuple[Source, ...]] = {  # by how the package's file name begins
    "tuxpaint-stamps": (Source("photo", 150, "GPL-2"),),
    "mate-backgrounds": (Source("photo", 40, "CC BY-SA 4.0, GPL-2+"),),
    "gnome-backgrounds": (Source("photo", 40, "CC BY-SA 3.0, CC BY-SA 2.0, CC BY 2.0"),),
    "lomiri-wallpapers-16.04": (Source("photo", 40, "CC BY-SA 4.0, CC BY-SA 3.0, CC BY 4.0, CC0"),),
    "lomiri-wallpapers-20.04": (Source("photo", 40, "CC BY-SA 4.0, CC BY-SA 3.0, CC BY 4.0, CC0"),),
    "ukui-wallpapers": (Source("photo", 40, "CC BY-SA 3.0"),),
    "plasma-workspace-wallpapers": (Source("photo", 40, "GPL-2+"),),
    "opencv-doc": (
        Source("photo", 60, "Apache-2.0, BSD-3-Clause", "examples/data"),
        Source("screenshot", 40, "Apache-2.0, BSD-3-Clause", "/html/"),
    ),
    "libjxl-testdata": (Source("photo", 30, "CC0, BSD-3-Clause, Apache-2.0"),),
    "python3-sklearn": (Source("photo", 10, "BSD-3-Clause", "datasets/images"),),
    "palapeli-data": (Source("photo", 20, "GPL-2+, CC0"),),
    "digikam-data": (Source("photo", 30, "GPL-2+"),),
    "gcompris-qt-data": (Source("photo", 60, "CC BY-SA, CC BY, public domain, GPL-3+"),),
    "scratch": (Source("photo", 60, "CC BY-SA 3.0, GPL-2", "Media/"),),
    "ultralytics": (Source("photo", 10, "AGPL-3.0"),),
    "imgaug": (Source("photo", 10, "MIT"),),
    "insightface": (Source("photo", 10, "not stated in the package"),),
    "freedink-data": (Source("drawing", 30, "GPL-3, GPL-2"),),
    "pingus-data": (Source("drawing", 40, "GPL-2+"),),
    "kgeography-data": (Source("map", 50, "GPL-2+, GFDL-1.2+, CC0"),),
    "marble-data": (Source("map", 30, "LGPL-2.1+, CC0, CC BY 3.0"),),
    "colobot-common-textures": (Source("texture", 40, "GPL-3+"),),
    "openarena-081-textures": (Source("texture", 60, "GPL-2+"),),
    "krita-data": (Source("texture", 30, "GPL-2+, LGPL-2+", "patterns/"),),
    "mypaint-data-extras": (Source("texture", 20, "CC0, public domain"),),
    "hugin-data": (Source("screenshot", 30, "GPL-2+, GFDL"),),
    "dl_track_us": (Source("screenshot", 40, "Apache-2.0"),),
    "kstars-data": (
        Source("astro", 40, "GPL-2+", "kstars/textures"),
        Source("screenshot", 30, "GPL-2+", "HTML/en"),
    ),
    "stellarium": (Source("astro", 80, "GPL-2+, CC BY-SA 3.0, CC BY 3.0, Free Art License"),),
    "openuniverse-common": (Source("astro", 40, "GPL-2+"),),
    "elpv_dataset": (Source("industrial", 80, "CC BY-NC-SA 4.0"),),
    "scikit_image": (Source("mixed", 40, "BSD-3-Clause, and that of each picture's maker"),),
    "python3-imageio": (Source("mixed", 10, "BSD-2-Clause"),),
    "r-doc-pdf": (Source("document", 40, "GPL-2"),),
    "gnuplot-doc": (Source("document", 40, "gnuplot's own"),),
    "mricron-data": (Source("mr", 40, "BSD-3-Clause, and those of the templates' makers"),),
    "stardist": (Source("microscopy", 10, "BSD-3-Clause"),),
    "pydicom_data": (Source("", 100, "MIT"),),
}


def sources_of(package: str) -> tuple[str, tuple[Source, ...]]:
    """Return how the name of a package's file begins, and what it lends; the longest beginning counts.

    Raises:
        KeyError: It is not known.
    """
    stem = max((each for each in SOURCES if package.startswith(each)), key=len, default="")
    return stem, SOURCES[stem]
