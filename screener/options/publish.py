"""What is published of a run, and where."""

import re
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from screener.errors import UsageError
from screener.options.outputs import DEFAULT_MODE

OBJECTS = ("sr", "pdf", "sc", "gsps")
FHIR_RELEASES = ("R4", "R5")
_OFFSET = re.compile(r"([+-])(\d\d):?([0-5]\d)")
_MOST_HOURS = 14  # PS3.5 6.2: of a time zone's offset


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishOptions:
    """Everything 'screener publish' can vary.

    to: a folder, the https:// address of a DICOMweb service, or dicom://AET@HOST:PORT. run: its number; None
    for all that the receiver may not have had yet. objects: of OBJECTS. contour: whether reports of flagged
    studies outline where the map points. also_unscreened: whether studies of which no image could be screened
    get a report that says so. fhir, hl7: folders for such documents. fhir_release: of FHIR_RELEASES.
    withdraw: what was published is called withdrawn instead. credentials, ca: files, as archives take them.
    timezone: in which times are told where the image names none, "Europe/Berlin" or "+0100"; empty for that
    of the scan. mode: of files in a folder. aet: our own AE title. commit_port: where to listen for the
    archive's storage commitment; None to ask for none. tls: files of certificate, key and authority, for
    dicom://.
    """

    ledger: Path
    to: str
    run: int | None = None
    objects: tuple[str, ...] = ("sr",)
    contour: bool = False
    also_unscreened: bool = True
    fhir: Path | None = None
    fhir_release: str = "R4"
    hl7: Path | None = None
    withdraw: bool = False
    dry_run: bool = False
    credentials: Path | None = None
    ca: Path | None = None
    aet: str = "SCREENER"
    commit_port: int | None = None
    tls: tuple[Path | None, Path | None, Path | None] = (None, None, None)
    timezone: str = ""
    mode: int = DEFAULT_MODE

    def __post_init__(self) -> None:
        _ = self.zone
        unknown = [each for each in self.objects if each not in OBJECTS]
        if unknown or not self.objects:
            raise UsageError("options.dicom_objects", known=", ".join(OBJECTS), found=",".join(self.objects))
        if self.contour and "sr" not in self.objects:
            raise UsageError("options.contour_without_sr")
        if self.fhir_release not in FHIR_RELEASES:
            raise UsageError("options.fhir_release", found=self.fhir_release)
        if not self.to.strip():
            raise UsageError("options.no_receiver")
        if self.withdraw and (self.fhir or self.hl7):
            raise UsageError("options.withdraw_documents")
        if any(self.tls) and not self.to.startswith("dicom://"):
            raise UsageError("options.tls_not_dicom")
        if self.commit_port is not None and not self.to.startswith("dicom://"):
            raise UsageError("options.commit_not_dicom")

    @property
    def folder(self) -> Path | None:
        """The folder that --to names; None where it is an archive's address."""
        return None if "://" in self.to else Path(self.to)

    @property
    def zone(self) -> tzinfo | None:
        """The time zone that --timezone names; None without it.

        Raises:
            UsageError: It names none.
        """
        if not self.timezone:
            return None
        if (offset := _OFFSET.fullmatch(self.timezone)) and int(offset[2]) <= _MOST_HOURS:
            minutes = 60 * int(offset[2]) + int(offset[3])
            return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
        try:
            return ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):  # unknown, a path, a folder of zones
            raise UsageError("options.no_timezone", name=self.timezone) from None
