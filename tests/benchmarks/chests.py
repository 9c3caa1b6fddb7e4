"""Drawn chests: dark lungs in a grey body before black air, with ribs, a spine and a marker."""

import cv2
import numpy as np

from screener.domain import ByteImage


def drawn_chest(seed: int = 0, rows: int = 300, columns: int = 340, *, marker: bool = True) -> ByteImage:
    """Return uint8, shape (rows, columns): not what a radiologist would read, but laid out as an image is."""
    rng = np.random.default_rng(seed)
    radiograph = np.full((300, 340), 8, np.float32)
    cv2.rectangle(radiograph, (45, 0), (295, 299), 150.0, -1)
    centre = 170 + int(rng.integers(-6, 7))
    for side in (-1, 1):
        cv2.ellipse(radiograph, (centre + side * 62, 145), (42, 95), 0, 0, 360, 60.0, -1)
    cv2.rectangle(radiograph, (centre - 12, 0), (centre + 12, 299), 190.0, -1)
    for y in range(70, 230, 22):
        cv2.line(radiograph, (60, y + 12), (280, y - 8), 20.0, 1)
    radiograph = cv2.GaussianBlur(radiograph, (0, 0), 2.0) + rng.normal(0, 3, radiograph.shape)
    drawn = np.clip(radiograph, 0, 255).astype(np.uint8)
    if marker:
        cv2.putText(drawn, "R", (8, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 235, 2)
    return np.asarray(cv2.resize(drawn, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)
