"""What a model card says of the populations of its model."""

import re
from collections.abc import Mapping
from typing import Any

from screener.inference.populations import DEFAULT_POPULATION, populations_of
from screener.training.card import render, with_section, without_section
from screener.training.checklist import limitations, one_cell

_NOT_FOR = re.compile(r"(?<=\*\*Not validated for:\*\*\n)(- .*\n)+")
_POPULATION = re.compile(r"^- Population: .*$", re.MULTILINE)  # of the training data
_LIMITATIONS = re.compile(
    r"(?<=\| limitations \| manifest.json: validated_population \| ).*(?= \|$)", re.MULTILINE
)


def with_populations(card: str, described: Mapping[str, Any]) -> str:
    """Return a card with a section on all populations, and with whom the model is not validated for."""
    populations = populations_of(described)
    section = render(
        "populations_card.md.j2",
        populations=populations,
        default=described[DEFAULT_POPULATION],
        first=populations[0].name,
    )
    not_for = "".join(f"- {each}\n" for each in described["validated_population"]["not_validated_for"])
    card = _NOT_FOR.sub(lambda _: not_for, card)
    card = _POPULATION.sub(lambda _: f"- Population: {populations[0].validated_on}", card)
    card = _LIMITATIONS.sub(lambda _: one_cell(limitations(described)), card)
    return with_section(card, section, before="## Data")


def without_populations(card: str) -> str:
    """Return the card of a model that reads all patients alike from now on."""
    for heading in ("## Populations", *re.findall(r"^## Calibrated for .+$", card, re.MULTILINE)):
        card = without_section(card, heading)
    return card
