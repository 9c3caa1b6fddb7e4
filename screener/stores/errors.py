"""What a store's library raises, in words for a technologist, without the name of any object."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

_AWAY = "the store is out of reach"


@dataclass(frozen=True, slots=True)
class StoreFault:
    """What went wrong; away: with the store itself, so that it is no use to ask for another object."""

    words: str
    away: bool = False

    @classmethod
    def of_store(cls, why: str) -> Self:
        return cls(f"{_AWAY}: {why}", away=True)


CHANGED = StoreFault("it changed while it was read")
BROKEN = StoreFault.of_store("it broke the connection off")
_OF_STATUS = {  # HTTP, RFC 9110
    301: StoreFault("the bucket is in another region, or the endpoint is another store's"),
    307: StoreFault("the bucket is in another region, or the endpoint is another store's"),
    401: StoreFault("access is denied"),
    403: StoreFault("access is denied"),
    404: StoreFault("there is no such object or bucket"),
    412: CHANGED,
    416: StoreFault("it ends before that"),
    429: StoreFault.of_store("it wants to be asked less often"),
    503: StoreFault.of_store("it wants to be asked less often, or is out of order"),
}
_SILENT = StoreFault.of_store("it did not answer in time")
_UNREACHABLE = StoreFault.of_store("it cannot be reached")
_OF_NAME = {  # of classes: none of the libraries need be installed
    "FileNotFoundError": _OF_STATUS[404],
    "PermissionError": _OF_STATUS[403],
    "NoCredentialsError": StoreFault.of_store("there are no credentials in the environment"),
    "PartialCredentialsError": StoreFault("the credentials in the environment are not complete"),
    "ProfileNotFound": StoreFault("AWS_PROFILE names no profile"),
    "ClientAuthenticationError": _OF_STATUS[403],
    "RefreshError": StoreFault.of_store("the credentials cannot be renewed"),
    "RecursionError": _OF_STATUS[301],  # s3fs, sent from one region to another
    "ParamValidationError": StoreFault("no bucket can be called that"),
    "SSLError": StoreFault.of_store("no secure connection to it can be made"),
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
_EXPIRED = StoreFault.of_store("the credentials have expired")
_OF_CODE = {  # by which S3 names an error
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "InvalidObjectState": StoreFault("it lies in the store's archive, from which it must be restored first"),
    "RequestTimeTooSkewed": StoreFault.of_store("this machine's clock is wrong"),
}
_OF_THE_LIBRARIES = frozenset(
    ("adlfs", "aiobotocore", "aiohttp", "azure", "botocore", "fsspec", "gcsfs", "google", "s3fs")
)


class StoreError(OSError):
    """A store did not do what it was asked to; strerror: why. status: of HTTP, 0 where there was none."""

    def __init__(self, fault: StoreFault, status: int = 0) -> None:
        super().__init__(None, fault.words)
        self.fault, self.status = fault, status

    def __reduce__(self) -> tuple[type[Self], tuple[StoreFault, int]]:
        return type(self), (self.fault, self.status)

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
        return StoreFault.of_store(f"it is out of order ({status})")
    for kind in (kind for each in chain for kind in type(each).__mro__):
        if kind.__name__ in _OF_NAME:
            return _OF_NAME[kind.__name__]
    return StoreFault(f"the store answered with an error ({_code(error) or type(error).__name__})")


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
