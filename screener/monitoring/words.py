"""What the page says: one sentence for each thing that moved."""

from screener.monitoring.moved import Moved
from screener.monitoring.watch import MIXES, PICTURE, SHARES

TITLES = {
    "score": "Scores",
    "flagged": "Flagged",
    "picture": "Images as the network sees them",
    "age": "Age",
    "device": "Machines",
    "view": "View",
    "coding": "Transfer syntax",
    "failed": "Failed",
    "ineligible": "Not a frontal chest radiograph",
    "replaced": "Window replaced",
    "agreement": "Readers agree with flagged studies",
}
ABOUT = {
    "score": "calibrated log-odds of pneumonia, mean of a night",
    "flagged": "share of the screened images; dashed: what the operating points lead one to expect",
    "picture": "distance of eight numbers that summarise each image from the baseline",
    "age": "years, mean of a night",
    "device": "how unusual a night's machines are in the baseline: the mean of −ln of their shares",
    "view": "how unusual a night's views are in the baseline",
    "coding": "how unusual a night's transfer syntaxes are in the baseline",
    "failed": "share of all images that could not be read",
    "ineligible": "share of all images",
    "replaced": "share of the screened images whose window was unusable, so that Screener chose one",
    "agreement": "share of the flagged studies marked in a week with which the reader agreed",
}
SYNTAXES = {
    "1.2.840.10008.1.2": "Implicit VR",
    "1.2.840.10008.1.2.1": "Explicit VR",
    "1.2.840.10008.1.2.4.50": "JPEG, 8 bits",
    "1.2.840.10008.1.2.4.51": "JPEG, 12 bits",
    "1.2.840.10008.1.2.4.57": "JPEG lossless",
    "1.2.840.10008.1.2.4.70": "JPEG lossless",
    "1.2.840.10008.1.2.4.80": "JPEG-LS lossless",
    "1.2.840.10008.1.2.4.81": "JPEG-LS",
    "1.2.840.10008.1.2.4.90": "JPEG 2000 lossless",
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
    "1.2.840.10008.1.2.5": "RLE",
    "jpeg": "JPEG files",
    "png": "PNG files",
}
_UP_DOWN = {
    "score": ("Scores are higher", "Scores are lower"),
    "flagged": ("More images are flagged", "Fewer images are flagged"),
    "age": ("Patients are older", "Patients are younger"),
    "failed": ("More images cannot be read", "Fewer images fail"),
    "ineligible": ("More images are not frontal chest radiographs", "Fewer images are refused"),
    "replaced": ("More images have an unusable window", "Fewer images have an unusable window"),
    "agreement": ("Readers agree more often", "Readers agree less often"),
}
_MIXED = {
    "device": "The machines have changed",
    "view": "The views have changed",
    "coding": "The transfer syntaxes have changed",
}


def sentence(moved: Moved) -> str:
    """Return what moved, when, by how much, and since which machine."""
    ended = "" if moved.ended is None else f", until {moved.ended}"
    nights = "the same night" if moved.nights == 1 else f"on the {_ordinal(moved.nights)} night"
    parts = [f"{_what(moved)} since {moved.since}{ended} (noticed {nights}){_figures(moved)}."]
    if moved.device:
        new = ", which sent nothing in the baseline" if moved.device_is_new else ""
        parts.append(f"Most of it comes from {moved.device}{new}.")
    if moved.model:
        parts.append(f"The model is another since then: {moved.model}.")
    return " ".join(parts)


def shown(word: str) -> str:
    """Return a word of a mix as people know it: a transfer syntax by its name."""
    return SYNTAXES.get(word, word)


def figure(name: str, value: float) -> str:
    """Return a chart's figure as it is printed."""
    if name in SHARES or name == "agreement" or name == "share":
        return f"{value:.1%}"
    return f"{value:.0f} years" if name == "age" else f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def _what(moved: Moved) -> str:
    if moved.chart == PICTURE:
        return "Images look different to the network"
    if moved.chart in MIXES:
        return _MIXED[moved.chart]
    return _UP_DOWN[moved.chart][0 if moved.up else 1]


def _figures(moved: Moved) -> str:
    if moved.chart == PICTURE:
        return ""
    name = "share" if moved.chart in MIXES else moved.chart
    of = f"{shown(moved.word)}, " if moved.word else ""
    return f": {of}{figure(name, moved.after)} against {figure(name, moved.before)} in the baseline"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
