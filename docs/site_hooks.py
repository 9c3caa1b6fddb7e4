"""What 'mkdocs build' does besides: publish pages outside docs/, and make links work on site and forge.

Every page links as the repository does. A link that leaves docs/ leads to the published copy, if the file is
one of PUBLISHED; of other links, as those to source files, the text alone stays.
"""

import posixpath
import re
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

TOP = Path(__file__).parents[1]
PUBLISHED = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "sample_data/README.md",
    "models/pneumonia-mobilenetv2/MODEL_CARD.md",
)
# A code forge begins a list right below a paragraph; Python-Markdown wants an empty line before it.
_GLUED_LIST = re.compile(r"^(?!- |  )(\S.*)\n(?=- )", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s:#]+)(#[^)]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the files of PUBLISHED, at the places that they have in the repository."""
    for path in PUBLISHED:
        files.append(File.generated(config, path, abs_src_path=str(TOP / path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return a page whose links lead to pages of the site, or are plain text."""
    source = page.file.src_uri
    outside = source in PUBLISHED
    place = PurePosixPath(source if outside else f"docs/{source}").parent

    def replaced(link: re.Match[str]) -> str:
        text, target, anchor = link[1], link[2], link[3] or ""
        in_repository = posixpath.normpath(str(place / target))
        on_site = in_repository.removeprefix("docs/")
        if in_repository not in PUBLISHED and not in_repository.startswith("docs/"):
            return text
        if not outside and in_repository.startswith("docs/"):
            return link[0]
        return f"[{text}]({posixpath.relpath(on_site, str(PurePosixPath(source).parent))}{anchor})"

    return _LINK.sub(replaced, _GLUED_LIST.sub(r"\1\n\n", markdown) if outside else markdown)
