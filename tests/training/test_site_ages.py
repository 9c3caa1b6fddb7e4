"""The ages that a model calibrated at a site is validated for are those of the site's patients."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the extra 'train'")

from screener.evaluation.site_images import SiteImages
from screener.training.site import Site
from screener.training.site_model import _population

OLD = {"description": "children", "age_years": [1, 5]}


def site(ages, images=4):
    labels = np.arange(images) % 2
    found = SiteImages(labels=labels, logits=labels * 1.0, groups=np.arange(images), patients_known=True)
    return Site(
        data="ours.csv",
        date="2026-11-28",
        images=found,
        not_used=0,
        refused_before=None,
        refused_after=None,
        ages=ages,
    )


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        pytest.param((34.0, 71.5, 0.9), [0, 71], id="most known, whole years"),
        pytest.param((34.0, 71.0), None, id="half"),
        pytest.param((), None, id="none"),
    ],
)
def test_the_old_ages_give_way_to_those_of_the_site(ages, expected):
    assert _population(OLD, site(ages))["age_years"] == expected
