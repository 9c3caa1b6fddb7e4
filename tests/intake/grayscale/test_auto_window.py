import numpy as np
import pytest

from screener.intake.grayscale.auto_window import count_values, exposed_field, percentile, unwindowed_range

SIZE = 4096
RANDOM = np.random.default_rng(7)


def radiograph(rows=400, columns=320):
    """Return an image of values 800 to 2800, uint16, that varies everywhere."""
    wave = np.sin(np.arange(rows) / 23)[:, None] + np.cos(np.arange(columns) / 31)[None, :]
    return (1800 + 490 * wave + RANDOM.normal(0, 8, (rows, columns))).clip(800, 2800).astype(np.uint16)


def collimated(grey, top=60, left=40, bottom=50, right=30):
    """Return the image with its sides covered, at one grey with a little noise."""
    covered = radiograph()
    outside = np.ones(covered.shape, dtype=bool)
    outside[top : covered.shape[0] - bottom, left : covered.shape[1] - right] = False
    covered[outside] = np.clip(grey + RANDOM.normal(0, 3, outside.sum()), 0, 4095).astype(np.uint16)
    return covered


def test_an_image_without_edges_is_all_field():
    assert exposed_field(radiograph()) == (slice(0, 400), slice(0, 320))


@pytest.mark.parametrize("grey", [0, 1500, 4095])
def test_what_the_collimator_covers_is_cut_off_whatever_its_grey(grey):
    rows, columns = exposed_field(collimated(grey))
    assert (rows.start, rows.stop) == (pytest.approx(60, abs=5), pytest.approx(350, abs=5))
    assert (columns.start, columns.stop) == (pytest.approx(40, abs=5), pytest.approx(290, abs=5))


def test_a_marker_laid_beside_the_field_does_not_widen_it():
    marked = collimated(0)
    marked[10:40, 200:240] = 4095
    rows, _ = exposed_field(marked)
    assert rows.start == pytest.approx(60, abs=5)


@pytest.mark.parametrize("grey", [0, 4095])
def test_black_and_white_come_from_the_field_alone(grey):
    inside = unwindowed_range(collimated(grey)[60:350, 40:290], SIZE)
    assert unwindowed_range(collimated(grey), SIZE) == pytest.approx(inside, abs=60)


@pytest.mark.parametrize("share", [0.005, 0.02, 0.035])
def test_a_lead_marker_does_not_set_white(share):
    plain, marked = radiograph(), radiograph()
    side = int((share * marked.size) ** 0.5)
    marked[20 : 20 + side, 20 : 20 + side] = 4095
    low, high = unwindowed_range(plain, SIZE)
    _, with_marker = unwindowed_range(marked, SIZE)
    assert with_marker - high <= 0.3 * (high - low)


def test_an_image_of_one_grey_has_a_range_of_none():
    assert unwindowed_range(np.full((200, 200), 700, np.uint16), SIZE) == (700, 700)


def test_padding_counts_for_nothing():
    padded = radiograph()
    padded[:, :90] = 4095
    padding = np.zeros(SIZE, dtype=bool)
    padding[4095] = True
    assert unwindowed_range(padded, SIZE, padding) == pytest.approx(
        unwindowed_range(radiograph(), SIZE), abs=90
    )


def test_values_are_counted_and_ranked():
    values = np.array([[0, 1, 1], [3, 3, 3]], dtype=np.uint16)
    counts = count_values(values, 5)
    assert counts.tolist() == [1, 2, 0, 3, 0]
    assert [percentile(counts, each) for each in (1, 40, 60, 100)] == [0, 1, 3, 3]
