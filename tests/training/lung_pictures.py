"""Drawn chests, and what is left of them when all but the lungs is blackened."""

import csv
from pathlib import Path

import cv2
import numpy as np

from screener.domain import ByteImage

SIDE = 256
FIELDS = ((80, 120), (176, 120))  # centres of the lungs: x, y
AXES = (34, 80)
LEFT, RIGHT = (slice(100, 150), slice(55, 105)), (slice(100, 150), slice(151, 201))
BOXES = ("0.21 0.39 0.20 0.20", "0.59 0.39 0.20 0.20")  # round an opacity in the left field, and in the right


def whole_radiograph(grey: int = 60, seed: int = 0) -> ByteImage:
    """Return a bright body with two darker, textured lungs."""
    radiograph = np.full((SIDE, SIDE), 170, np.uint8)
    for centre in FIELDS:
        cv2.ellipse(radiograph, centre, AXES, 0, 0, 360, grey, -1)
    noise = np.random.default_rng(seed).normal(0, 4, radiograph.shape)
    return np.clip(radiograph + noise, 0, 255).astype(np.uint8)


def lungs_alone(
    grey: int = 60,
    seed: int = 0,
    missing: tuple[slice, slice] | None = None,
    bright: int = 0,
    opacity: tuple[slice, slice] = LEFT,
) -> ByteImage:
    """Return the lungs of such an image on black.

    missing: what a cutting-out has left away, rows and columns. bright: grey of an opacity, 0 for none.
    """
    inside = np.zeros((SIDE, SIDE), np.uint8)
    for centre in FIELDS:
        cv2.ellipse(inside, centre, AXES, 0, 0, 360, 1, -1)
    if missing:
        inside[missing] = 0
    radiograph = whole_radiograph(grey, seed).astype(int)
    if bright:
        radiograph[opacity] = bright
    return (np.clip(radiograph, 20, 255) * inside).astype(np.uint8)


def write_table(folder: Path, count: int = 3) -> Path:
    """Write images of all kinds and both views, and their table; opacities lie in either field."""
    rows = []
    for kind in ("normal", "opacity", "other"):
        for view in ("PA", "AP"):
            for i in range(count):
                name = f"{kind}-{view}-{i}"
                seed = len(rows)
                bright = 150 if kind == "opacity" else 0
                picture = lungs_alone(60 + 5 * i, seed, bright=bright, opacity=(LEFT, RIGHT)[i % 2])
                cv2.imwrite(str(folder / f"{name}.png"), picture)
                row = {"file": f"{name}.png", "class": kind, "patient": name, "view": view, "part": "train"}
                row["boxes"] = BOXES[i % 2] if kind == "opacity" else ""
                if kind == "normal":
                    cv2.imwrite(str(folder / f"{name}-whole.png"), whole_radiograph(60 + 5 * i, seed))
                    row["whole"] = f"{name}-whole.png"
                rows.append(row)
    table = folder / "lungs.csv"
    with table.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, ("file", "class", "patient", "view", "part", "boxes", "whole"))
        writer.writeheader()
        writer.writerows(rows)
    return table
