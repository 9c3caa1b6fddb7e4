"""The root of a DICOMweb service, as a command line names it."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from screener.errors import UsageError

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class WebAddress:
    """Where a DICOMweb service answers. root: the path before "/studies", without a slash at its end."""

    scheme: str
    host: str
    port: int
    root: str

    @classmethod
    def of(cls, url: str) -> Self:
        """Return the address that a URL states.

        Raises:
            UsageError: It is no http(s) URL, or holds credentials, a query or a fragment.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise UsageError("archives.url_unreadable") from None
        if parts.username is not None or parts.password is not None:
            raise UsageError("archives.url_credentials")
        if parts.scheme not in _PORTS or not parts.hostname or parts.query or parts.fragment:
            raise UsageError("archives.url_none", url=url)
        return cls(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], parts.path.rstrip("/"))

    def __str__(self) -> str:
        """Scheme, host and port: what messages name."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def leads_to(self, location: str) -> str | None:
        """Return path and query of a redirect within this host; None where it leads elsewhere."""
        parts = urlsplit(location)
        if parts.scheme or parts.netloc:
            try:
                port = parts.port or _PORTS.get(parts.scheme, 0)
            except ValueError:
                return None
            if (parts.scheme, parts.hostname, port) != (self.scheme, self.host, self.port):
                return None
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
