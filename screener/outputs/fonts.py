"""Which letters the report can show: its own font's, and those of the fonts on this machine."""

import bisect
import shutil
import subprocess
import unicodedata
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

FAMILY = "Screener Sans"
_SHIPPED = (("NotoSans-Regular.ttf", 400), ("NotoSans-Bold.ttf", 700))  # Latin, Greek, Cyrillic

SCRIPTS = (
    ("Latin", "Łéñğș", ""),
    ("Greek", "Θεοδώρα", ""),
    ("Cyrillic", "Юрій", ""),
    ("Arabic", "محمد", "fonts-noto-core"),
    ("Hebrew", "דוד", "fonts-noto-core"),
    ("Chinese", "王小東刘", "fonts-noto-cjk"),
    ("Japanese", "山田やまだヤマダ", "fonts-noto-cjk"),
    ("Korean", "김희중", "fonts-noto-cjk"),
)
"""Name of a script, letters of it, and the Debian package with a font for it; none where one ships."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Characters that some font can show; starts and ends of ranges, both included, by start."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, ranges: Iterable[tuple[int, int]]) -> "Coverage":
        merged: list[tuple[int, int]] = []
        for start, end in sorted(ranges):
            if merged and start <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return cls(tuple(start for start, _ in merged), tuple(end for _, end in merged))

    def lacks(self, texts: Iterable[str]) -> str:
        """Return the characters of some texts that no font can show, each once, in order."""
        seen = set().union(*texts)
        return "".join(sorted(each for each in seen if _is_drawn(each) and not self._has(ord(each))))

    def _has(self, code: int) -> bool:
        place = bisect.bisect_right(self.starts, code) - 1
        return place >= 0 and code <= self.ends[place]


def coverage(templates: Path) -> Coverage:
    """Return what the shipped font and this machine's fonts can show together."""
    return Coverage.of([*_shipped_ranges(templates), *_system_ranges()])


def font_faces(folders: Sequence[Path]) -> str:
    """Return CSS that carries the shipped font within itself, as data URIs; nothing is fetched."""
    faces = []
    for name, weight in _SHIPPED:
        path = next(file for folder in folders if (file := folder / "fonts" / name).is_file())
        data = b64encode(path.read_bytes()).decode("ascii")
        faces.append(
            f'@font-face {{ font-family: "{FAMILY}"; font-weight: {weight}; '
            f'src: url("data:font/ttf;base64,{data}") }}'
        )
    return "\n".join(faces)


def _is_drawn(character: str) -> bool:
    return unicodedata.category(character)[0] not in "CZ"  # neither control, format nor space


def _shipped_ranges(templates: Path) -> list[tuple[int, int]]:
    from fontTools.ttLib import TTFont  # comes with WeasyPrint

    name, _ = _SHIPPED[0]
    with TTFont(templates / "fonts" / name, lazy=True) as font:
        return [(code, code) for code in font.getBestCmap()]


def _system_ranges() -> list[tuple[int, int]]:
    """Return what fontconfig says; all there is where that cannot be known: no false alarm."""
    lister = shutil.which("fc-list")
    if lister is None:
        return [(0, 0x10FFFF)]
    done = subprocess.run([lister, "--format=%{charset}\n"], capture_output=True, text=True, check=False)
    return [_range(each) for each in set(done.stdout.split())]


def _range(words: str) -> tuple[int, int]:
    start, _, end = words.partition("-")
    return int(start, 16), int(end or start, 16)
