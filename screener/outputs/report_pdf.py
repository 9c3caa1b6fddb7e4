"""The PDF report: Jinja2 fills the templates, WeasyPrint lays out the pages."""

import base64
import gc
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)
from jinja2.sandbox import SandboxedEnvironment

from screener.domain import PROBABILITY_DECIMALS, printed
from screener.errors import MissingDependencyError, UsageError
from screener.options import ReportLook
from screener.outputs.atomic import PRIVATE, written_whole
from screener.outputs.fonts import coverage, font_faces
from screener.outputs.histogram import axis_ticks
from screener.outputs.logo import logo_uri
from screener.outputs.messages import Messages, load_messages
from screener.outputs.report_content import ReportContent
from screener.resources import resource_folder

PAGE_SIZES = {"a4": "A4", "letter": "letter"}
_NO_BREAK = "\N{NO-BREAK SPACE}"
_CODE_POINTS = 12  # named on page 1, of those that no font can show


def check_pdf(look: ReportLook) -> None:
    """Make sure, before a scan begins, that the PDF can be made at its end.

    Raises:
        MissingDependencyError: WeasyPrint or the Pango library is absent.
        UsageError: The logo, a template or the catalogue of messages cannot be used; names the file.
    """
    _weasyprint()
    if look.logo:
        logo_uri(look.logo)
    folders = template_folders(look)
    environment = _environment(folders, load_messages(folders))
    with _template_faults(look):
        for name in environment.list_templates():
            if name.endswith(".html.j2"):
                environment.get_template(name)


def write_report_pdf(content: ReportContent, look: ReportLook, path: Path, mode: int = PRIVATE) -> str:
    """Write the report; return the characters in it that no font on this machine can show.

    mode: permission bits of the file.

    Raises:
        MissingDependencyError: WeasyPrint or the Pango library is absent.
        UsageError: The logo, a template or the catalogue of messages cannot be used; names the file.
        OutputError: The file cannot be written; one that was there before stays whole.
    """
    texts = (*content.texts(), look.title, look.site)
    unshown = coverage(resource_folder("templates")).lacks(texts)
    html = report_html(content, look, unshown)
    pdf = render_pdf(html, report_style(look))
    with written_whole(path, mode) as file:
        file.write(pdf)
    return unshown


def report_html(content: ReportContent, look: ReportLook, unshown: str = "") -> str:
    """Return the report as HTML; every value in it is text, whatever characters it holds.

    unshown: characters that no font can show, for a warning.

    Raises:
        UsageError: As for write_report_pdf.
    """
    folders = template_folders(look)
    messages = load_messages(folders)
    names = {**_names(content, look, messages), "unshown": unshown}
    with _template_faults(look):
        return _environment(folders, messages).get_template("report.html.j2").render(names)


def report_style(look: ReportLook) -> str:
    """Return the CSS: the font itself, the paper, and report.css."""
    folders = template_folders(look)
    path = next(file for folder in folders if (file := folder / "report.css").is_file())
    size = f"@page {{ size: {PAGE_SIZES[look.paper]} }}"
    return "\n".join((font_faces(folders), size, path.read_text(encoding="utf-8")))


def template_folders(look: ReportLook) -> tuple[Path, ...]:
    """Return where templates, style, messages and fonts are looked for, the user's own folder first."""
    shipped = resource_folder("templates")
    return (look.template, shipped) if look.template else (shipped,)


def _environment(folders: tuple[Path, ...], messages: Messages) -> Environment:
    # Sandboxed: a template may come from somebody else, and is to fill in texts, not to run code.
    environment = SandboxedEnvironment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["say"] = messages.say
    environment.filters |= {
        "advice": messages.advice,
        "count": _count,
        "short": _short,
        "percent": _percent,
        "decimals": _decimals,
        "moment": _moment,
        "jpeg_uri": _jpeg_uri,
        "code_points": _code_points,
    }
    return environment


@contextmanager
def _template_faults(look: ReportLook) -> Iterator[None]:
    """Name the template that cannot be used; a fault in a shipped one is a bug, and stays one."""
    try:
        yield
    except TemplateSyntaxError as error:
        if look.template is None:
            raise
        raise UsageError(f"--template {error.filename}, line {error.lineno}: {error.message}") from error
    except TemplateError as error:
        if look.template is None:
            raise
        raise UsageError(f"--template {look.template}: {error}") from error


def render_pdf(html: str, style: str) -> bytes:
    """Return the PDF; nothing is fetched: neither HTML nor CSS reaches a file or the network."""
    weasyprint = _weasyprint()
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols=frozenset({"data"}), allow_redirects=False)
    sheet = weasyprint.CSS(string=style, url_fetcher=fetcher)
    with _collector_paused():
        pdf: bytes = weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf(stylesheets=[sheet])
    return pdf


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Render without the cyclic garbage collector: 20 to 40 % faster for 1,000 rows (measured)."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _weasyprint() -> ModuleType:
    try:
        with warnings.catch_warnings():
            # Without the system's HarfBuzz-Subset it says so and subsets fonts in Python: same pages.
            warnings.simplefilter("ignore", DeprecationWarning)
            import weasyprint  # OSError, not ImportError, when the Pango library is absent
    except (ImportError, OSError) as error:
        raise MissingDependencyError(
            "The PDF report needs WeasyPrint and the Pango library.\n"
            "Install them (Debian: apt install libpango-1.0-0 libpangoft2-1.0-0; "
            "pip install weasyprint), or pass --no-pdf; the CSV worklist is complete without it."
        ) from error
    module: ModuleType = weasyprint
    return module


def _names(content: ReportContent, look: ReportLook, messages: Messages) -> Mapping[str, Any]:
    scale = content.summary.scale
    ppv, npv = scale.operating_point.predictive_values(scale.prevalence)
    return {
        "title": look.title or messages.say("title"),
        "site": look.site,
        "logo": logo_uri(look.logo) if look.logo else "",
        "content": content,
        "summary": content.summary,
        "totals": content.summary.totals,
        "point": scale.operating_point,
        "threshold": printed(scale.operating_point.threshold),
        "validated": scale.operating_point.sensitivity is not None,
        "prevalence": scale.prevalence,
        "ppv": ppv,
        "npv": npv,
        "agreement": content.agreement,
        "ticks": axis_ticks(),
    }


def _count(number: int) -> str:
    return f"{number:,}"


def _short(number: int) -> str:
    """Return a count as it fits above a narrow bar."""
    if number < 1000:
        return str(number)
    return f"{number / 1000:.1f}k" if number < 9950 else f"{number / 1000:.0f}k"


def _code_points(characters: str) -> str:
    named = ", ".join(f"U+{ord(each):04X}" for each in characters[:_CODE_POINTS])
    return named + (", …" if len(characters) > _CODE_POINTS else "")


def _percent(share: float) -> str:
    """Return one decimal, but never 0 or 100 % for what is only close to it."""
    if 0 < share < 0.0005:
        return f"below 0.1{_NO_BREAK}%"
    if 0.9995 <= share < 1:
        return f"above 99.9{_NO_BREAK}%"
    return f"{100 * share:.1f}{_NO_BREAK}%"


def _decimals(probability: float) -> str:
    return f"{probability:.{PROBABILITY_DECIMALS}f}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M %Z}".rstrip()


def _jpeg_uri(picture: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode("ascii")
