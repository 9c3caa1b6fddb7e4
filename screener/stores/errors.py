"""What a store's library raises, in words for a technologist, without the name of any object."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

AWAY = "the store is out of reach"
"""How the words begin where it would be no use to ask for another object."""

_OF_STATUS = {  # HTTP, RFC 9110
    301: "the bucket is in another region, or the endpoint is another store's",
    307: "the bucket is in another region, or the endpoint is another store's",
    401: "access is denied",
    403: "access is denied",
    404: "there is no such object or bucket",
    412: "it changed while it was read",
    416: "it ends before that",
    429: f"{AWAY}: it wants to be asked less often",
    503: f"{AWAY}: it wants to be asked less often, or is out of order",
}
_SILENT = f"{AWAY}: it did not answer in time"
BROKEN = f"{AWAY}: it broke the connection off"
_UNREACHABLE = f"{AWAY}: it cannot be reached"
_OF_NAME = {  # of classes: none of the libraries need be installed
    "FileNotFoundError": _OF_STATUS[404],
    "PermissionError": _OF_STATUS[403],
    "NoCredentialsError": f"{AWAY}: there are no credentials in the environment",
    "PartialCredentialsError": "the credentials in the environment are not complete",
    "ProfileNotFound": "AWS_PROFILE names no profile",
    "ClientAuthenticationError": _OF_STATUS[403],
    "RefreshError": f"{AWAY}: the credentials cannot be renewed",
    "RecursionError": _OF_STATUS[301],  # s3fs, sent from one region to another
    "ParamValidationError": "no bucket can be called that",
    "SSLError": f"{AWAY}: no secure connection to it can be made",
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
_EXPIRED = f"{AWAY}: the credentials have expired"
_OF_CODE = {  # by which S3 names an error
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "InvalidObjectState": "it lies in the store's archive, from which it must be restored first",
    "RequestTimeTooSkewed": f"{AWAY}: this machine's clock is wrong",
}
_OF_THE_LIBRARIES = frozenset(
    ("adlfs", "aiobotocore", "aiohttp", "azure", "botocore", "fsspec", "gcsfs", "google", "s3fs")
)


class StoreError(OSError):
    """A store did not do what it was asked to; strerror: why. status: of HTTP, 0 where there was none."""

    status = 0

    @property
    def away(self) -> bool:
        """Whether it was the store that failed, and not one object of it."""
        return str(self.strerror).startswith(AWAY)


@contextmanager
def in_words() -> Iterator[None]:
    """Raise what a store's library raises as a StoreError; what it does not raise is a bug, and stays one."""
    try:
        yield
    except StoreError:
        raise
    except (OSError, RecursionError) as error:
        raise _told(error) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in _OF_THE_LIBRARIES:
            raise
        raise _told(error) from error


def _told(error: BaseException) -> StoreError:
    chain = list(_chain(error))
    status = next((found for each in chain if (found := _status(each))), 0)
    told = StoreError(None, _words(error, chain, status))
    told.status = status
    return told


def _words(error: BaseException, chain: list[BaseException], status: int) -> str:
    if words := next((_OF_CODE[code] for each in chain if (code := _code(each)) in _OF_CODE), ""):
        return words
    if status in _OF_STATUS:
        return _OF_STATUS[status]
    if status >= 500:
        return f"{AWAY}: it is out of order ({status})"
    for kind in (kind for each in chain for kind in type(each).__mro__):
        if kind.__name__ in _OF_NAME:
            return _OF_NAME[kind.__name__]
    return f"the store answered with an error ({_code(error) or type(error).__name__})"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and its causes, as long as they are errors."""
    while error is not None:
        yield error
        error = error.__cause__


def _code(error: BaseException) -> str:
    """Return the code by which S3 names an error, else an empty text."""
    return str(_response(error).get("Error", {}).get("Code", ""))


def _status(error: BaseException) -> int:
    """Return the HTTP status that an error tells of, 0 where it tells of none."""
    of_s3 = _response(error).get("ResponseMetadata", {}).get("HTTPStatusCode")
    of_others = (getattr(error, name, None) for name in ("status_code", "code", "status"))
    return next((each for each in (of_s3, *of_others) if isinstance(each, int)), 0)


def _response(error: BaseException) -> dict[str, Any]:
    response = getattr(error, "response", None)
    return response if isinstance(response, dict) else {}
