"""One study's result on a page of its own, as PDF, for viewers that show no structured report."""

from collections.abc import Sequence
from dataclasses import dataclass

from screener.options import ReportLook
from screener.outputs.fonts import font_faces
from screener.outputs.messages import load_messages
from screener.outputs.report_pdf import render_pdf
from screener.outputs.templating import template_environment, template_faults, template_folders
from screener.resources import resource_folder


@dataclass(frozen=True, slots=True)
class ImageSection:
    """What the page says of one image."""

    heading: str
    statements: tuple[str, ...]
    parameters: str


@dataclass(frozen=True, slots=True)
class StudyPage:
    """Everything that the page says. facts: by name, as what finds the study."""

    title: str
    notice: str
    facts: tuple[tuple[str, str], ...]
    images: Sequence[ImageSection]


def study_pdf(page: StudyPage) -> bytes:
    """Return the page as PDF; the same page gives the same bytes on one machine.

    Raises:
        MissingDependencyError: WeasyPrint or the Pango library is absent.
    """
    look = ReportLook()
    folders = template_folders(look)
    with template_faults(look):
        template = template_environment(folders, load_messages(folders)).get_template("study_result.html.j2")
        html = template.render(page=page)
    style = (resource_folder("templates") / "study_result.css").read_text(encoding="utf-8")
    return render_pdf(html, "\n".join((font_faces(folders), style)))
