"""What a store's library raises, in words for a technologist, without the name of any object."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from screener.said import Said, say


@dataclass(frozen=True, slots=True)
class StoreFault:
    """What went wrong; away: with the store itself, so that it is no use to ask for another object."""

    said: Said
    away: bool = False

    @classmethod
    def of(cls, key: str, **values: object) -> Self:
        """Return what went wrong with one object; key: of the catalogue."""
        return cls(say(key, **values))

    @classmethod
    def of_store(cls, key: str, **values: object) -> Self:
        """Return what went wrong with the store itself."""
        return cls(say("stores.away", why=say(key, **values)), away=True)


CHANGED = StoreFault.of("stores.changed")
BROKEN = StoreFault.of_store("stores.broken")
_OF_STATUS = {  # HTTP, RFC 9110
    301: StoreFault.of("stores.other_region"),
    307: StoreFault.of("stores.other_region"),
    401: StoreFault.of("stores.denied"),
    403: StoreFault.of("stores.denied"),
    404: StoreFault.of("stores.not_found"),
    412: CHANGED,
    416: StoreFault.of("stores.too_short"),
    429: StoreFault.of_store("stores.less_often"),
    503: StoreFault.of_store("stores.less_often_or_out_of_order"),
}
_SILENT = StoreFault.of_store("stores.silent")
_UNREACHABLE = StoreFault.of_store("stores.unreachable")
_OF_NAME = {  # of classes: none of the libraries need be installed
    "FileNotFoundError": _OF_STATUS[404],
    "PermissionError": _OF_STATUS[403],
    "NoCredentialsError": StoreFault.of_store("stores.no_credentials"),
    "PartialCredentialsError": StoreFault.of("stores.incomplete_credentials"),
    "ProfileNotFound": StoreFault.of("stores.no_profile"),
    "ClientAuthenticationError": _OF_STATUS[403],
    "RefreshError": StoreFault.of_store("stores.not_renewed"),
    "RecursionError": _OF_STATUS[301],  # s3fs, sent from one region to another
    "ParamValidationError": StoreFault.of("stores.bad_bucket"),
    "SSLError": StoreFault.of_store("stores.not_secure"),
    "EndpointConnectionError": _UNREACHABLE,
    "ClientConnectorError": _UNREACHABLE,
    "ServiceRequestError": _UNREACHABLE,
    "ConnectionError": _UNREACHABLE,
    "ConnectionClosedError": BROKEN,
    "IncompleteReadError": BROKEN,
    "ResponseStreamingError": BROKEN,
    "ClientPayloadError": BROKEN,
    "ConnectTimeoutError": _SILENT,
    "ReadTimeoutError": _SILENT,
    "FSTimeoutError": _SILENT,
    "TimeoutError": _SILENT,
}
_EXPIRED = StoreFault.of_store("stores.expired")
_OF_CODE = {  # by which S3 names an error
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "InvalidObjectState": StoreFault.of("stores.archived"),
    "RequestTimeTooSkewed": StoreFault.of_store("stores.clock"),
}
_OF_THE_LIBRARIES = frozenset(
    ("adlfs", "aiobotocore", "aiohttp", "azure", "botocore", "fsspec", "gcsfs", "google", "s3fs")
)


class StoreError(OSError):
    """A store did not do what it was asked to. strerror: why, in English. status: of HTTP, 0 for none."""

    def __init__(self, fault: StoreFault, status: int = 0) -> None:
        super().__init__(None, str(fault.said))
        self.fault, self.status = fault, status

    def __reduce__(self) -> tuple[type[Self], tuple[StoreFault, int]]:
        return type(self), (self.fault, self.status)

    @property
    def said(self) -> Said:
        """Why, for every language: see errors.why."""
        return self.fault.said

    @property
    def away(self) -> bool:
        """Whether it was the store that failed, and not one object of it."""
        return self.fault.away


@contextmanager
def in_words() -> Iterator[None]:
    """Raise what a store's library raises as a StoreError; what it does not raise is a bug, and stays one."""
    try:
        yield
    except StoreError:
        raise
    except (OSError, RecursionError) as error:
        raise _store_error(error) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in _OF_THE_LIBRARIES:
            raise
        raise _store_error(error) from error


def _store_error(error: BaseException) -> StoreError:
    chain = list(_chain(error))
    status = next((found for each in chain if (found := _status(each))), 0)
    return StoreError(_fault(error, chain, status), status)


def _fault(error: BaseException, chain: list[BaseException], status: int) -> StoreFault:
    if known := next((_OF_CODE[code] for each in chain if (code := _code(each)) in _OF_CODE), None):
        return known
    if status in _OF_STATUS:
        return _OF_STATUS[status]
    if status >= 500:
        return StoreFault.of_store("stores.out_of_order", status=status)
    for kind in (kind for each in chain for kind in type(each).__mro__):
        if kind.__name__ in _OF_NAME:
            return _OF_NAME[kind.__name__]
    return StoreFault.of("stores.error", error=_code(error) or type(error).__name__)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and its causes, as long as they are errors."""
    while error is not None:
        yield error
        error = error.__cause__


def _code(error: BaseException) -> str:
    """Return the code by which S3 names an error, else an empty text."""
    return str(_response(error).get("Error", {}).get("Code", ""))


def _status(error: BaseException) -> int:
    """Return the HTTP status that an error carries, 0 where it carries none."""
    of_s3 = _response(error).get("ResponseMetadata", {}).get("HTTPStatusCode")
    of_others = (getattr(error, name, None) for name in ("status_code", "code", "status"))
    return next((each for each in (of_s3, *of_others) if isinstance(each, int)), 0)


def _response(error: BaseException) -> dict[str, Any]:
    response = getattr(error, "response", None)
    return response if isinstance(response, dict) else {}
