"""What a page for the browser holds besides its template: scripts and style, values in JSON, its policy.

A strict Content Security Policy (CSP Level 3) names the page's own scripts and style by their hash, so that
no value from a study, whatever it holds, can ever run.
"""

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

FOLDER = "triage"


def content_security_policy(scripts: Iterable[str], style: str) -> str:
    """Return a policy under which these scripts and this style run, pictures are inside, and nothing else."""
    hashes = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def own_source(folders: Iterable[Path], name: str) -> str:
    """Return a script or the style: of the user's own folder, else the shipped one."""
    paths = (folder / FOLDER / name for folder in folders)
    return next(path for path in paths if path.is_file()).read_text(encoding="utf-8")


def as_json(value: Any) -> Markup:
    """Return JSON that may stand in HTML: no '<', '>', '&' or "'" is left in it."""
    return htmlsafe_json_dumps(value, ensure_ascii=False, separators=(",", ":"))


def as_base64(content: bytes) -> str:
    """Return bytes as text for a data URL."""
    return base64.b64encode(content).decode("ascii")


def _hash(text: str) -> str:
    return f"'sha256-{as_base64(hashlib.sha256(text.encode()).digest())}'"
