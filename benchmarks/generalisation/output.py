"""The rows as a table on the screen, as JSON, as Markdown for the model card, and as a figure."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.generalisation import changes
from benchmarks.generalisation.rows import Row
from screener.evaluation.drawing import BLUE, GREY, ORANGE, drawn
from screener.evaluation.estimates import Estimate
from screener.inference.model_folder import CARD, ModelFolder, seal_model_folder
from screener.training.card import with_section

JSON, MARKDOWN, FIGURE = "generalisation.json", "generalisation.md", "generalisation.png"
_SHARES = ("changed side", "normal turned ill", "ill turned normal", "twin higher")


@dataclass(frozen=True, slots=True)
class Section:
    """One table: its rows share their columns. note: how to read it, one sentence or two."""

    title: str
    note: str
    rows: Sequence[Row]

    @property
    def columns(self) -> list[str]:
        """The names of all words and figures, in the order in which they first occur."""
        return list(dict.fromkeys(name for row in self.rows for name in (*row.words, *row.figures)))

    @property
    def counted(self) -> bool:
        return any(row.normal or row.pneumonia for row in self.rows)


def print_sections(sections: Sequence[Section], console: Console) -> None:
    """Print each section as a table."""
    for section in sections:
        table = Table(title=section.title, caption=section.note, title_justify="left", caption_justify="left")
        for column in headings(section):
            table.add_column(column)
        for row in section.rows:
            table.add_row(*cells(row, section))
        console.print(table)


def write_sections(out: Path, described: dict[str, Any], sections: Sequence[Section]) -> None:
    """Write generalisation.json, .md and .png into a folder, which is made if need be.

    described: what was measured and how, for the JSON and for the first lines of the Markdown.
    """
    out.mkdir(parents=True, exist_ok=True)
    content = {**described, "sections": [asdict(section) for section in sections]}
    (out / JSON).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (out / MARKDOWN).write_text(markdown(described, sections), encoding="utf-8")
    plot_changes(sections, out / FIGURE)


def put_into_card(model: ModelFolder, text: str) -> None:
    """Put the tables into the model's card, in place of those there, and seal the folder again."""
    path = model.path / CARD
    section = f"## Generalisation\n\n{text}"
    path.write_text(
        with_section(path.read_text(encoding="utf-8"), section, before="## Cautions"), encoding="utf-8"
    )
    kept = {key: value for key, value in model.manifest.items() if key not in ("format", "files")}
    seal_model_folder(model.path, kept)


def markdown(described: dict[str, Any], sections: Sequence[Section]) -> str:
    """Return the tables in Markdown, headings from level three, to stand in a model card."""
    lines = [f"{described['summary']}", ""]
    lines += [line for warning in described["warnings"] for line in (f"**Mind:** {warning}", "")]
    for section in sections:
        heads = headings(section)
        lines += [f"### {section.title}", "", section.note, "", _line(heads), _line(["---"] * len(heads))]
        lines += [_line(cells(row, section)) for row in section.rows]
        lines.append("")
    return "\n".join(lines)


def headings(section: Section) -> list[str]:
    """Return the columns' headings."""
    return ["", *(["normal + pneumonia"] if section.counted else []), *section.columns]


def cells(row: Row, section: Section) -> list[str]:
    """Return the texts of one row, one for each heading."""
    texts = [row.name]
    if section.counted:
        texts.append(f"{row.normal} + {row.pneumonia}")
    for name in section.columns:
        if name in row.figures:
            texts.append(spelt(row.figures[name], share=name in _SHARES))
        else:
            texts.append(str(row.words.get(name, "")))
    return texts


def spelt(estimate: Estimate, *, share: bool = False) -> str:
    """Return a figure with its interval: ".123 (.100–.150)", or in per cent where it is a share."""
    if estimate.value is None:
        return "undefined"

    def one(value: float) -> str:
        return f"{100 * value:.0f} %" if share else f"{value:.3f}"

    if estimate.interval is None:
        return one(estimate.value)
    low, high = estimate.interval
    return f"{one(estimate.value)} ({one(low)}–{one(high)})"


def plot_changes(sections: Sequence[Section], path: Path) -> None:
    """Write the AUC after each change as a dot plot, one panel for each population."""
    shown = [section for section in sections if any(row.name == changes.UNCHANGED for row in section.rows)]
    if not shown:
        return
    longest = max(len(section.rows) for section in shown)
    with drawn(path, 1.5 + 4.0 * len(shown), 1.2 + 0.26 * longest) as figure:
        panels = figure.subplots(1, len(shown), squeeze=False, sharey=True)[0]
        for axes, section in zip(panels, shown, strict=True):
            names = [row.name for row in section.rows]
            for place, row in enumerate(section.rows):
                auc = row.figures["auc"]
                if auc.value is None:
                    continue
                colour = ORANGE if row.name == changes.LUNGS else BLUE
                low, high = auc.interval or (auc.value, auc.value)
                axes.plot([low, high], [place, place], color=colour, linewidth=1.2)
                axes.plot([auc.value], [place], "o", color=colour, markersize=5)
            first = section.rows[0].figures["auc"].value
            if first is not None:
                axes.axvline(first, color=GREY, linestyle=":", linewidth=1)
            axes.axvline(0.5, color=GREY, linewidth=1)
            axes.set(xlim=(0.3, 1.02), xlabel="AUC, 95 % interval", title=section.title)
            axes.set_yticks(range(len(names)), names)
        panels[0].invert_yaxis()


def _line(texts: Sequence[str]) -> str:
    return "| " + " | ".join(texts) + " |"
