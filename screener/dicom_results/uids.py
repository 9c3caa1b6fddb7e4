"""UIDs that say what they name: made of the content, so that the same result always has the same one.

PS3.5 B.2: "2.25." and a UUID as one number; the UUID is one of version 5 (RFC 9562), a hash of the content.
"""

import hashlib
import json
import re
import uuid
from typing import Any

_UID = re.compile(r"[0-9.]{1,64}")
_SPACE = uuid.UUID("32cd13f2-8020-4e26-a135-45084662b71f")
"""Never changed: with another one, everything that was ever published would be published again."""


def is_uid(value: str) -> bool:
    """Return whether a header's value can be a UID: it becomes a part of addresses and file names."""
    return _UID.fullmatch(value) is not None


def uid_of(kind: str, *parts: Any) -> str:
    """Return the UID of what is named by plain values, as JSON has them."""
    return f"2.25.{uuid.uuid5(_SPACE, _text((kind, *parts))).int}"


def digest_of(*parts: Any) -> str:
    """Return a SHA-256 of plain values."""
    return hashlib.sha256(_text(parts).encode()).hexdigest()


def _text(parts: Any) -> str:
    return json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
