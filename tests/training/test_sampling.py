"""No site, class or group drowns another, and an epoch is the same each time."""

from collections import Counter
from pathlib import Path

import pytest

from screener.domain import FileKind, ImageFile
from screener.training.dataset import LabelledImage
from screener.training.sampling import BalancedSampler


def image(label: int, site: str, **attributes: str) -> LabelledImage:
    file = ImageFile(Path("/x.jpg"), "x.jpg", FileKind.JPEG)
    return LabelledImage(file, label, "", "", site=site, **attributes)


IMAGES = (
    [image(0, "large") for _ in range(200)]
    + [image(1, "large", subtype="bacterial") for _ in range(500)]
    + [image(1, "large", subtype="viral") for _ in range(200)]
    + [image(0, "small", view="PA") for _ in range(80)]
    + [image(0, "small", view="AP") for _ in range(5)]
    + [image(1, "small") for _ in range(15)]
)


def test_an_epoch_draws_as_many_images_as_there_are_half_of_them_ill_at_each_site() -> None:
    draws = BalancedSampler(IMAGES, painted=0.0, seed=1).epoch(1)
    assert len(draws) == len(IMAGES)
    for site in ("large", "small"):
        labels = [IMAGES[draw.index].label for draw in draws if IMAGES[draw.index].site == site]
        assert sum(labels) == pytest.approx(len(labels) / 2, abs=2)


def test_a_small_site_and_a_rare_view_are_heard_by_the_root_of_their_number() -> None:
    draws = BalancedSampler(IMAGES, painted=0.0, seed=1).epoch(1)
    small = [IMAGES[draw.index] for draw in draws if IMAGES[draw.index].site == "small"]
    assert len(small) == pytest.approx(1000 * 10 / (10 + 30), abs=2)
    views = Counter(each.view for each in small if each.label == 0)
    assert views["AP"] / views["PA"] == pytest.approx((5 / 80) ** 0.5, abs=0.03)


def test_a_share_of_the_ill_images_are_painted_healthy_ones_of_the_same_site() -> None:
    draws = BalancedSampler(IMAGES, painted=0.25, seed=1).epoch(1)
    painted = [IMAGES[draw.index] for draw in draws if draw.painted]
    assert all(each.label == 0 for each in painted)
    assert Counter(each.site for each in painted) == {
        "large": pytest.approx(750 * 0.5 * 0.25, abs=2),
        "small": pytest.approx(250 * 0.5 * 0.25, abs=2),
    }
    ill = sum(draw.painted or IMAGES[draw.index].label for draw in draws)
    assert ill == pytest.approx(500, abs=3)


def test_no_image_of_a_group_comes_twice_before_each_has_come_once() -> None:
    draws = BalancedSampler(IMAGES, painted=0.0, seed=1).epoch(1)
    times = Counter(draw.index for draw in draws if IMAGES[draw.index].site == "small")
    opacities = [times[i] for i, each in enumerate(IMAGES) if each.site == "small" and each.label]
    assert max(opacities) - min(opacities) <= 1


def test_an_epoch_is_the_same_again_and_another_differs() -> None:
    assert BalancedSampler(IMAGES, painted=0.2, seed=1).epoch(3) == BalancedSampler(
        IMAGES, painted=0.2, seed=1
    ).epoch(3)
    sampler = BalancedSampler(IMAGES, painted=0.2, seed=1)
    assert sampler.epoch(3) != sampler.epoch(4)
    assert sampler.epoch(3) != BalancedSampler(IMAGES, painted=0.2, seed=2).epoch(3)


def test_a_site_of_healthy_images_alone_still_balances_by_painting() -> None:
    healthy = [image(0, "a") for _ in range(40)]
    draws = BalancedSampler(healthy, painted=0.5, seed=1).epoch(1)
    assert sum(draw.painted for draw in draws) == 20
