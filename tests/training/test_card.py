"""Sections of a model card are put in place, once."""

from screener.operating_points import Doubt, OperatingPoint
from screener.training.card import render, with_section

CARD = "# net 1.0.0\n\n## Figures\n\nold figures\n\n## Cautions\n\n- mind\n"


def test_a_section_stands_before_the_one_named() -> None:
    card = with_section(CARD, "## Gate\n\nrefuses\n", before="## Cautions")
    assert card == "# net 1.0.0\n\n## Figures\n\nold figures\n\n## Gate\n\nrefuses\n\n## Cautions\n\n- mind\n"


def test_a_section_of_the_same_title_is_replaced() -> None:
    once = with_section(CARD, "## Gate\n\nrefuses\n", before="## Cautions")
    assert with_section(once, "## Gate\n\nrefuses\n", before="## Cautions") == once
    assert "refuses" not in with_section(once, "## Gate\n\nelse\n", before="## Cautions")


def test_without_the_one_named_it_goes_to_the_end() -> None:
    assert with_section(CARD, "## Gate\n\nrefuses", before="## Elsewhere").endswith(
        "- mind\n\n## Gate\n\nrefuses\n"
    )


def test_the_card_of_a_model_in_doubt_begins_with_it() -> None:
    point = OperatingPoint("balanced", 0.4, doubt=Doubt.FLAGS_ALL)
    said = render("not_validated_card.md.j2", doubted=[point])
    assert said.startswith("**Not validated.**\n- `balanced`: it flags everyone")
