"""Who asks an archive: a file or the environment says it, never the command line."""

import base64
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from screener.errors import UsageError, why

VARIABLE = "SCREENER_ARCHIVE_CREDENTIALS"
_MOST_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Credentials:
    """header: the value of the Authorization header; empty for an archive that asks for none."""

    header: str = field(default="", repr=False)

    @classmethod
    def of(cls, text: str, source: str) -> Self:
        """Return the credentials that one line states: USER:PASSWORD or 'Bearer TOKEN'.

        Raises:
            UsageError: It is neither; quotes nothing of it.
        """
        line = text.strip()
        if line.startswith("Bearer ") and line.isascii() and line.isprintable():
            return cls(line)
        if ":" in line and line.isprintable():
            return cls("Basic " + base64.b64encode(line.encode()).decode("ascii"))
        raise UsageError("archives.credentials_line", source=source)

    @classmethod
    def found(cls, file: Path | None) -> Self:
        """Return the credentials in a file, else those in SCREENER_ARCHIVE_CREDENTIALS, else none.

        Raises:
            UsageError: The file cannot be read, or what is found is not one line of credentials.
        """
        if file is not None:
            return cls.of(_read(file), f"--credentials {file}")
        text = os.environ.get(VARIABLE, "")
        return cls.of(text, VARIABLE) if text else cls()


def _read(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(_MOST_BYTES).decode("utf-8")
    except OSError as error:
        raise UsageError("archives.credentials_unreadable", file=file, error=why(error)) from error
    except UnicodeDecodeError:
        raise UsageError("archives.credentials_no_text", file=file) from None
