"""The model card's templates, which are Markdown."""

import re
from typing import Any

import jinja2

from screener.evaluation.estimates import Estimate
from screener.operating_points import OperatingPoint
from screener.resources import resource_folder


def render(template: str, **values: Any) -> str:
    """Return a Markdown template with its values filled in; an unknown name is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(resource_folder("templates")),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["figure"] = Estimate.in_words
    environment.filters["sensitivity_of"] = lambda point: _of(point, "sensitivity").in_words()
    environment.filters["specificity_of"] = lambda point: _of(point, "specificity").in_words()
    environment.filters["percent"] = lambda share: f"{100 * share:.1f} %"
    return environment.get_template(template).render(**values)


def with_section(card: str, section: str, before: str) -> str:
    """Return a card with a section put before another, or at its end; one of the same title is replaced.

    section: begins with its heading, "## …". before: the heading that it is to stand before.
    """
    start, following, rest = without_section(card, section.partition("\n")[0]).partition(f"{before}\n")
    return f"{start.rstrip()}\n\n{section.strip()}\n\n{following}{rest}".rstrip() + "\n"


def without_section(card: str, heading: str) -> str:
    """Return a card without a section; heading: "## …"."""
    return _section(heading).sub("", card)


def _section(heading: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(heading)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def _of(point: OperatingPoint, name: str) -> Estimate:
    return Estimate(getattr(point, name), getattr(point, f"{name}_interval"))
