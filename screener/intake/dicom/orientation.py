"""Patient Orientation (0020,0020): where an image's rows and columns run."""

import re

_AXES = {"L": 0, "R": 0, "A": 1, "P": 1, "H": 2, "F": 2}


def directions(value: str) -> tuple[str, str] | None:
    r"""Return the main directions of rows and columns, such as ("L", "F") for "L\F" (PS3.3 C.7.6.1.1.1).

    Lower case, spaces, and a slash or a comma for the backslash do not matter. None where it does not name
    two, or two along one axis: "PA" and "A P" are views, not directions.
    """
    parts = [each.strip().upper() for each in value.split("\\")]
    if len(parts) == 1:
        parts = re.split(r"\s*[/,]\s*|\s+", parts[0])
        if not all(re.fullmatch("[LRAPHF]{1,3}", each) for each in parts):
            return None
    if len(parts) != 2:
        return None
    rows, columns = (each[:1] for each in parts)
    if rows not in _AXES or columns not in _AXES or _AXES[rows] == _AXES[columns]:
        return None
    return rows, columns
