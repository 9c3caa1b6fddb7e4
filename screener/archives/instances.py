"""What is asked of an archive, by whatever protocol: images, and no results."""

from dataclasses import dataclass

IMAGE_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.1": "Computed Radiography Image Storage",
    "1.2.840.10008.5.1.4.1.1.1.1": "Digital X-Ray Image Storage - For Presentation",
}
OWN_SERIES = "Screener "  # how the description of every series begins that Screener publishes


@dataclass(frozen=True, slots=True)
class InstanceReference:
    """One image in an archive. The UIDs identify a patient: they go to the archive, and into no log."""

    study_uid: str
    series_uid: str
    sop_uid: str
