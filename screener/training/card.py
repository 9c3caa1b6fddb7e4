"""The model card's templates, which are Markdown."""

from typing import Any

import jinja2

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
    environment.filters["figure"] = _figure
    environment.filters["percent"] = lambda share: f"{100 * share:.1f} %"
    return environment.get_template(template).render(**values)


def _figure(estimate: Any) -> str:
    """Return an estimate as the card prints it: 0.975 (0.962–0.986)."""
    if estimate.value is None:
        return "undefined"
    if estimate.interval is None:
        return f"{estimate.value:.3f}"
    low, high = estimate.interval
    return f"{estimate.value:.3f} ({low:.3f}–{high:.3f})"
