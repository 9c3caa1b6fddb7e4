"""A simulation as a whole: what it compares, how sure it is, and what has been published."""

import statistics

import numpy as np
import pytest

from screener.errors import UsageError
from screener.said import say
from screener.simulation.images import draw_images
from screener.simulation.run import Group, WaitingTime, simulate, student
from screener.simulation.scores import ScoreCurve
from screener.simulation.setting import Department, Overdue, PatientGroup, Plan, Point, hours_of

ALL = PatientGroup("all", 1.0, 0.1, (Point("p", 0.7, 0.9),), say("simulation.given"))
BUSY = Department(arrivals=150, reading_minutes=4.2)
SHIPPED = (Point("a", 0.94, 0.39), Point("b", 0.71, 0.90), Point("c", 0.65, 0.94))


def told(waiting: tuple[WaitingTime, ...], order: str, group: Group = Group.PNEUMONIA) -> WaitingTime:
    [found] = [each for each in waiting if each.order == order and each.group is group]
    return found


@pytest.fixture(scope="module")
def prioritised() -> tuple[WaitingTime, ...]:
    department = Department(arrivals=150, reading_minutes=8, reading_cv=0.7)
    return simulate(department, (ALL,), Plan(days=40, repeats=10, max_wait=4, overdue=Overdue.FIRST))


def test_as_published_the_mean_falls_and_the_longest_wait_rises_unless_it_is_capped(
    prioritised: tuple[WaitingTime, ...],
) -> None:
    """Baltruschat 2020, pneumothorax: mean 80.1 to 35.6 minutes, longest 890 to 1,293, capped 979."""
    arrival, bands, capped = (told(prioritised, name) for name in ("fifo", "bands", "bands, cap 4 h"))
    assert bands.mean.value < 0.6 * arrival.mean.value
    assert bands.change_of_mean is not None
    assert bands.change_of_longest is not None
    assert bands.change_of_mean.interval[1] < 0 < bands.change_of_longest.interval[0]
    assert arrival.longest.value < capped.longest.value < bands.longest.value
    assert capped.mean.value < arrival.mean.value


def test_images_that_the_model_misses_pay_for_it(prioritised: tuple[WaitingTime, ...]) -> None:
    missed = told(prioritised, "bands", Group.MISSED)
    assert missed.change_of_mean is not None
    assert missed.change_of_mean.interval[0] > 0
    assert missed.longest == told(prioritised, "bands").longest


def test_the_same_seed_gives_the_same_figures_and_another_one_others() -> None:
    plans = [Plan(days=3, repeats=5, seed=seed) for seed in (1, 1, 2)]
    one, same, other = (simulate(BUSY, (ALL,), plan) for plan in plans)
    assert one == same != other


def test_an_interval_holds_the_truth_in_19_of_20_simulations() -> None:
    department = Department(arrivals=150, reading_minutes=4.8, reading_cv=0)
    truth = department.utilisation * 4.8 / (2 * (1 - department.utilisation))
    held = 0
    for seed in range(30):
        waiting = simulate(department, (ALL,), Plan(days=2, repeats=5, seed=seed))
        low, high = told(waiting, "fifo", Group.OTHER).mean.interval
        held += low <= truth <= high
    assert held >= 25


@pytest.mark.parametrize(("freedom", "value"), [(4, 2.7764), (9, 2.2622), (19, 2.0930), (99, 1.9842)])
def test_students_t_is_as_in_the_tables(freedom: int, value: float) -> None:
    assert student(freedom) == pytest.approx(value, rel=0.0005)


def test_each_operating_point_is_met_by_the_scores_drawn() -> None:
    chance = np.random.default_rng(2)
    patients = PatientGroup("all", 1.0, 0.3, SHIPPED, say("simulation.given"))
    images = draw_images(Department(arrivals=150), (patients,), Plan(days=300), chance)
    for place, point in enumerate(SHIPPED):
        reached = images.band <= len(SHIPPED) - 1 - place
        assert reached[images.pneumonia].mean() == pytest.approx(point.sensitivity, abs=0.012)
        assert 1 - reached[~images.pneumonia].mean() == pytest.approx(point.specificity, abs=0.012)


def test_a_probability_is_that_of_the_images_that_have_it() -> None:
    patients = PatientGroup("all", 1.0, 0.3, (Point("p", 0.9, 0.8),), say("simulation.given"))
    images = draw_images(Department(arrivals=150), (patients,), Plan(days=300), np.random.default_rng(2))
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        own = (images.probability >= low) & (images.probability < low + 0.2)
        assert images.pneumonia[own].mean() == pytest.approx(images.probability[own].mean(), abs=0.03)


def test_the_probability_never_falls_as_the_score_rises() -> None:
    scores = np.linspace(-6, 6, 500)
    assert (np.diff(ScoreCurve(SHIPPED).log_likelihood_ratio(scores)) >= 0).all()


def test_one_point_gives_the_equal_binormal_curve() -> None:
    normal = statistics.NormalDist()
    apart = normal.inv_cdf(0.9) + normal.inv_cdf(0.8)
    deviates = np.linspace(-2, 2, 9)
    np.testing.assert_allclose(ScoreCurve([Point("p", 0.9, 0.8)]).with_pneumonia(deviates), deviates + apart)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        pytest.param(lambda: Department(arrivals=400), "take 1,600 minutes", id="too many images"),
        pytest.param(lambda: Department(arrivals=9, readers=0), "--readers must be 1", id="no reader"),
        pytest.param(lambda: Point("p", 0.5, 0.5), "no better than chance", id="chance"),
        pytest.param(lambda: Plan(repeats=2), "--repeats 5 or more", id="no interval"),
        pytest.param(lambda: Plan(max_wait=0), "--max-wait must be above 0 hours", id="no wait"),
        pytest.param(lambda: hours_of("8", "--reading-hours"), "--reading-hours 8: two hours", id="one hour"),
        pytest.param(lambda: hours_of("8-8", "--reading-hours"), "such as 8-18", id="no hours"),
        pytest.param(lambda: Department(arrivals=9, scan_at=24), "--scan-at 24", id="no such hour"),
        pytest.param(lambda: simulate(BUSY, (ALL, ALL), Plan()), "add up to 2, not to 1", id="shares"),
        pytest.param(lambda: simulate(BUSY, (ALL,), Plan(days=90_000)), "fewer --days", id="for ever"),
    ],
)  # fmt: skip
def test_what_cannot_be_simulated_is_refused_with_its_remedy(made, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        made()
