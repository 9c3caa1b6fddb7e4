"""What can go wrong with an archive, in words for a PACS administrator.

No text holds a path, a query or an answer of the archive: they name patients and studies.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Self

from screener.errors import ExitCode, ScreenerError, UsageError

WORDS: Mapping[str, str] = MappingProxyType(
    {
        # The archive, or the way to it, is out of order: later it may answer.
        "unreachable": "cannot be reached: {why}.\n"
        "Check host and port, and that a firewall lets this machine through.",
        "silent": "did not answer within {seconds:g} seconds.",
        "busy": "answered {tries} times that it has too much to do (HTTP {status}). Run again later.",
        "out_of_order": "is out of order (HTTP {status}).",
        "broken": "broke off the connection.",
        # The archive refuses this machine, or the URL is wrong: asking again is of no use.
        "unknown_user": "wants credentials, or refuses those given (HTTP 401).\n"
        "Pass --credentials FILE, which holds USER:PASSWORD or 'Bearer TOKEN' on one line.",
        "forbidden": "does not let this account do that (HTTP 403).\n"
        "Let the PACS administrator give the account the right to search, retrieve and store by DICOMweb.",
        "no_dicomweb": "has no DICOMweb service at this address (HTTP {status}).\n"
        "Give the root of the service: for Orthanc https://HOST/dicom-web, for dcm4chee "
        "https://HOST/dcm4chee-arc/aets/AET/rs.",
        "untrusted": "shows a certificate that is not trusted ({why}).\n"
        "Pass the certificate of the authority that issued it: --ca FILE for https://, --tls-ca FILE for dicom://.",
        "no_tls": "makes no TLS connection ({why}).\n"
        "Check the port, and whether the archive speaks TLS there.",
        "elsewhere": "redirects to another host ({host}), to which nothing was sent.\n"
        "If that is the archive, give its address.",
        # This one answer was no good; the next may be.
        "cut": "ended its answer before it was whole.",
        "too_long": "sent an answer of more than {most}; the rest was not read.",
        "too_slow": "had not finished its answer after {seconds:g} seconds.",
        "unexpected": "answered with HTTP {status}.",
        "encoded": "sent an answer in the encoding '{encoding}', which was not asked for.",
        "not_http": "sent something that is not HTTP.",
        "not_dicom_json": "sent something that is not DICOM JSON.",
        "not_multipart": "sent something that is not multipart/related.",
        "several_parts": "sent more than the one image that was asked for.",
        "other_image": "sent another image than the one that was asked for.",
        # DIMSE.
        "rejected": "refuses the association: {why}.\n"
        "Let the PACS administrator enter AE title {aet}, with the address of this machine, as one that may "
        "search, retrieve and store, and check the archive's own AE title.",
        "rejected_for_now": "refuses the association for now: it has too much to do, or as many associations "
        "as it allows. Run again later.",
        "no_association": "makes no association: nothing answers, or the connection broke.\n"
        "Check host and port, that a firewall lets this machine through, and whether the archive wants TLS "
        "there (--tls-cert, --tls-key, --tls-ca).",
        "no_service": "accepts the association, but does not offer {service} to AE title {aet}.\n"
        "Let the PACS administrator allow it.",
        "hung_up": "broke off the association when it was asked.\n"
        "Some archives do so where they do not know the AE title: let the PACS administrator enter {aet}.",
        "failed_query": "could not answer a question (C-FIND status 0x{code:04X}).",
        "no_commitment": "does not commit itself to storage.",
        "failed_move": "could not send the image (C-MOVE status 0x{code:04X}).",
        "unknown_destination": "does not know where AE title {aet} is (C-MOVE status 0x{code:04X}).\n"
        "Let the PACS administrator enter it as a move destination, with this machine's address and the port "
        "of 'screener receive'.",
        "not_arrived": "says that it sent the image, but it did not arrive.\n"
        "Check that 'screener receive' runs on the inbox, and listens where the archive sends to.",
        "no_end": "sent an answer without its end boundary: the connection broke.",
    }
)


class ArchiveError(ScreenerError):
    """An archive did not do what it was asked to. The errors below say whether it helps to ask again."""

    exit_code = ExitCode.SOME_FAILED

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status

    @classmethod
    def of(cls, place: str, key: str, **values: object) -> Self:
        """Return the error: place is the archive's host and port, or what else names it without a patient."""
        status = values.get("status", 0)
        return cls(f"{place} {WORDS[key].format(**values)}", status if isinstance(status, int) else 0)


class ArchiveAwayError(ArchiveError):
    """The archive is out of reach or overloaded: what is known is kept; run again later."""

    exit_code = ExitCode.INTERRUPTED


class ArchiveRefusedError(ArchiveError, UsageError):
    """The archive refuses this machine, account or address for good."""

    exit_code = ExitCode.USAGE


class ArchiveAnswerError(ArchiveError):
    """One answer was no good; the archive may answer other questions."""
