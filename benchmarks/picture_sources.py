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
    "tuxpaint-stamps": (Source("photo", 150, "public domain, CC BY-SA, GPL-2"),),
    "mate-backgrounds": (Source("photo", 40, "CC BY-SA 3.0, GPL-2"),),
    "gnome-backgrounds": (Source("photo", 40, "CC BY-SA 3.0"),),
    "lomiri-wallpapers-16.04": (Source("photo", 40, "CC BY-SA 3.0"),),
    "lomiri-wallpapers-20.04": (Source("photo", 40, "CC BY-SA 4.0"),),
    "ukui-wallpapers": (Source("photo", 40, "CC BY-SA 4.0"),),
    "plasma-workspace-wallpapers": (Source("photo", 40, "LGPL-3, CC BY-SA 4.0"),),
    "opencv-doc": (
        Source("photo", 60, "Apache-2.0", "examples/data"),
        Source("screenshot", 40, "Apache-2.0", "/html/"),
    ),
    "libjxl-testdata": (Source("photo", 30, "CC BY-SA 4.0, CC0, BSD-3"),),
    "photofilmstrip": (Source("photo", 20, "GPL-2"),),
    "python3-sklearn": (Source("photo", 10, "BSD-3, CC BY 2.0", "datasets/images"),),
    "palapeli-data": (Source("photo", 20, "GPL-2, CC BY-SA"),),
    "digikam-data": (Source("photo", 30, "GPL-2"),),
    "gcompris-qt-data": (Source("photo", 60, "CC BY-SA 3.0, GPL-3, public domain"),),
    "kalzium-data": (Source("screenshot", 30, "GFDL, GPL-2"),),
    "scratch": (Source("photo", 60, "CC BY-SA 2.0", "Media/"),),
    "ultralytics": (Source("photo", 10, "AGPL-3"),),
    "imgaug": (Source("photo", 10, "MIT, CC0"),),
    "insightface": (Source("photo", 10, "MIT"),),
    "freedink-data": (Source("drawing", 30, "zlib, CC BY"),),
    "pingus-data": (Source("drawing", 40, "GPL-3"),),
    "tuxpaint-data": (Source("drawing", 40, "GPL-2"),),
    "lincity-ng-data": (Source("drawing", 40, "GPL-2"),),
    "neverball-data": (Source("drawing", 40, "GPL-2"),),
    "kgeography-data": (Source("map", 50, "GPL-2, CC BY-SA"),),
    "marble-data": (Source("map", 30, "LGPL-2.1, public domain"),),
    "sumo-doc": (Source("map", 20, "EPL-2.0"),),
    "colobot-common-textures": (Source("texture", 40, "GPL-3"),),
    "openarena-081-textures": (Source("texture", 60, "GPL-2"),),
    "extremetuxracer-data": (Source("texture", 40, "GPL-2"),),
    "krita-data": (Source("texture", 30, "GPL-2", "patterns/"),),
    "mypaint-data-extras": (Source("texture", 20, "CC0, CC BY"),),
    "trigger-rally-data": (Source("texture", 40, "GPL-2"),),
    "openshot-qt": (Source("pattern", 40, "GPL-3", "transitions/"),),
    "hugin-data": (Source("screenshot", 30, "GPL-2"),),
    "kdenlive-data": (Source("screenshot", 20, "GPL-2"),),
    "dl_track_us": (Source("screenshot", 40, "GPL-3"),),
    "kstars-data": (
        Source("astro", 40, "GPL-2", "kstars/textures"),
        Source("screenshot", 30, "GFDL", "HTML/en"),
    ),
    "stellarium": (Source("astro", 80, "GPL-2, free art"),),
    "openuniverse-common": (Source("astro", 40, "GPL-2"),),
    "elpv_dataset": (Source("industrial", 80, "CC BY-NC-SA 4.0"),),
    "scikit_image": (Source("mixed", 40, "BSD-3, public domain"),),
    "python3-imageio": (Source("mixed", 10, "BSD-2"),),
    "libvigraimpex-doc": (Source("screenshot", 20, "MIT", "/html/"),),
    "r-doc-pdf": (Source("document", 40, "GPL-2"),),
    "gnuplot-doc": (Source("document", 40, "gnuplot licence"),),
    "mricron-data": (Source("mr", 40, "BSD, templates of their authors"),),
    "stardist": (Source("microscopy", 10, "BSD-3"),),
    "wsidicom_data": (Source("", 20, "Apache-2.0"),),
    "pydicom_data": (Source("", 100, "MIT; pictures of many makers"),),
}


def sources_of(package: str) -> tuple[str, tuple[Source, ...]]:
    """Return how the name of a package's file begins, and what it lends; the longest beginning counts.

    Raises:
        KeyError: It is not known.
    """
    stem = max((each for each in SOURCES if package.startswith(each)), key=len, default="")
    return stem, SOURCES[stem]
