"""The screen of an ultrasound scanner around its picture: words, scales, buttons, traces, coloured flow."""

import cv2
import numpy as np

from screener.domain import ByteImage

Rng = np.random.Generator


def on_screen(picture: ByteImage, rng: Rng) -> ByteImage:
    """Return a picture on the dark screen of a scanner, uint8, or cut to itself as many programs export it.

    picture: uint8; what it shows lies before black.
    """
    rows, columns = picture.shape
    if rng.random() < 0.2:
        return picture
    height, width = int(rows * rng.uniform(1.05, 1.5)), int(columns * rng.uniform(1.1, 1.9))
    screen = np.full((height, width), int(rng.choice((0, 0, 0, 8, 20))), np.uint8)
    top, left = int(rng.integers(0, height - rows + 1)), int((width - columns) * rng.uniform(0.3, 0.7))
    if rng.random() < 0.3:
        _flow(picture, rng)
    place = screen[top : top + rows, left : left + columns]
    np.maximum(place, picture, out=place)
    for draw, share in (
        (_words, 0.85),
        (_ruler, 0.7),
        (_wedge, 0.4),
        (_buttons, 0.4),
        (_trace, 0.25),
        (_marks, 0.3),
    ):
        if rng.random() < share:
            draw(screen, rng)
    return screen


def _flow(picture: ByteImage, rng: Rng) -> None:
    """Paint a box of colour flow, in grey: blotches of one brightness, and the outline of the box."""
    rows, columns = picture.shape
    high, wide = int(rows * rng.uniform(0.25, 0.5)), int(columns * rng.uniform(0.2, 0.5))
    top, left = int(rng.integers(rows // 6, rows - high)), int(rng.integers(columns // 6, columns - wide))
    box = picture[top : top + high, left : left + wide]
    noise = cv2.GaussianBlur(rng.normal(size=box.shape), (0, 0), rng.uniform(2, 8))
    moving = noise > noise.std() * rng.uniform(0, 1.5)
    box[moving] = np.clip(rng.uniform(70, 170) + 300 * noise[moving], 20, 255).astype(np.uint8)
    cv2.rectangle(picture, (left, top), (left + wide, top + high), int(rng.integers(120, 256)), 1)


def _words(screen: ByteImage, rng: Rng) -> None:
    """Write settings into the corners and down the sides."""
    height, width = screen.shape
    scale, ink = rng.uniform(0.5, 1.0), int(rng.integers(90, 256))
    step = max(6, int(14 * scale))
    for corner in rng.permutation(4)[: int(rng.integers(1, 5))]:
        left = 2 if corner % 2 == 0 else int(width - rng.uniform(30, 70) * scale)
        lines = int(rng.integers(1, 9))
        first = step if corner < 2 else height - step * lines
        for line in range(lines):
            letters = rng.choice(list("ABCDGHIMNPSTabcdegimnrs 0123456789.:/%"), int(rng.integers(2, 9)))
            cv2.putText(
                screen, "".join(letters), (left, first + line * step), cv2.FONT_HERSHEY_PLAIN, scale, ink
            )


def _ruler(screen: ByteImage, rng: Rng) -> None:
    """Draw ticks of depth down one side, every fifth longer, and numbers at some."""
    height, width = screen.shape
    across, ink = int(width * rng.choice((0.03, rng.uniform(0.8, 0.97)))), int(rng.integers(100, 256))
    for count, down in enumerate(np.arange(rng.uniform(2, 20), height, height / rng.uniform(8, 30))):
        cv2.line(screen, (across, int(down)), (across + (5 if count % 5 == 0 else 1), int(down)), ink, 1)
        if count and count % 5 == 0 and rng.random() < 0.5:
            cv2.putText(screen, str(count), (across - 14, int(down) + 4), cv2.FONT_HERSHEY_PLAIN, 0.6, ink)


def _wedge(screen: ByteImage, rng: Rng) -> None:
    """Draw the scale of greys, or of velocities."""
    height, width = screen.shape
    long, across = int(height * rng.uniform(0.15, 0.5)), int(width * rng.choice((0.05, 0.93)))
    top = int(rng.integers(0, height - long))
    greys = np.linspace(250, 5, long)
    if rng.random() < 0.3:
        greys = np.abs(np.linspace(-250, 250, long))
    screen[top : top + long, across : across + max(3, width // 50)] = greys[:, np.newaxis].astype(np.uint8)


def _buttons(screen: ByteImage, rng: Rng) -> None:
    """Draw a bar of buttons along the lower or upper edge."""
    height, width = screen.shape
    high = int(rng.integers(8, 16))
    top = height - high - 1 if rng.random() < 0.8 else 0
    left = int(width * rng.uniform(0, 0.15))
    screen[top : top + high, left : width - left] = int(rng.integers(15, 110))
    for x in range(left + 3, width - left - 20, int(rng.integers(28, 60))):
        cv2.rectangle(screen, (x, top + 1), (x + 18, top + high - 2), int(rng.integers(60, 200)), 1)
        cv2.putText(
            screen,
            "Gen"[: int(rng.integers(1, 4))],
            (x + 2, top + high - 3),
            cv2.FONT_HERSHEY_PLAIN,
            0.5,
            150,
        )


def _trace(screen: ByteImage, rng: Rng) -> None:
    """Draw an electrocardiogram along the lower edge."""
    height, width = screen.shape
    x = np.arange(width)
    beat = (x % rng.uniform(40, 90)) / rng.uniform(4, 9)
    y = (
        height * rng.uniform(0.82, 0.94)
        - 14 * np.exp(-((beat - 2) ** 2) * 4)
        + 5 * np.exp(-((beat - 2.8) ** 2) * 4)
    )
    cv2.polylines(screen, [np.stack([x, y], axis=1).astype(np.int32)], False, int(rng.integers(90, 256)), 1)


def _marks(screen: ByteImage, rng: Rng) -> None:
    """Draw calipers, and the dotted line between them."""
    height, width = screen.shape
    ends = rng.uniform(0.25, 0.75, (2, 2)) * (width, height)
    for x, y in ends:
        cv2.drawMarker(screen, (int(x), int(y)), 255, cv2.MARKER_CROSS, 7, 1)
    for share in np.linspace(0, 1, 16):
        x, y = ends[0] * share + ends[1] * (1 - share)
        cv2.circle(screen, (int(x), int(y)), 0, 220, -1)
