"""A study's result as FHIR R4: a transaction bundle of plain values, for a server or an interface engine.

The patient is named by a logical reference, the ID alone. Every resource says that software made it
(AIAST) and that it is for research (HRESCH).
"""

import json
import uuid
from datetime import datetime
from typing import Any

from screener.dicom_results.common import MANUFACTURER
from screener.dicom_results.report import PROBABILITY
from screener.dicom_results.result import ImageResult, StudyResult
from screener.dicom_results.source_header import SourceHeader
from screener.dicom_results.uids import uid_of

_LABELS = [
    {
        "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
        "code": "AIAST",
        "display": "Artificial Intelligence asserted",
    },
    {
        "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
        "code": "HRESCH",
        "display": "healthcare research",
    },
]
DCM, _SNOMED, _UCUM = (
    "http://dicom.nema.org/resources/ontology/DCM",
    "http://snomed.info/sct",
    "http://unitsofmeasure.org",
)
SUMMARY = "111064"  # of DCM: Summary of Detections
_OWN_CODES = "urn:oid:2.25.314112171120672533995964883527262820979"
_SUMMARIES = {
    True: ("111242", "All algorithms succeeded; with findings"),
    False: ("111241", "All algorithms succeeded; without findings"),
    None: ("111245", "No algorithms succeeded; without findings"),
}


def make_fhir(result: StudyResult, header: SourceHeader, report_uid: str) -> bytes:
    """Return the bundle, UTF-8; report_uid: of the structured report that says the same."""
    return json.dumps(bundle(result, header, report_uid), ensure_ascii=False, indent=1).encode() + b"\n"


def bundle(result: StudyResult, header: SourceHeader, report_uid: str) -> dict[str, Any]:
    """Return imaging study, device, two observations an image, report and provenance."""
    subject = _subject(header)
    study, device = _Entry("ImagingStudy", result, report_uid), _Entry("Device", result, report_uid)
    common = {"status": "preliminary", "subject": subject, "effectiveDateTime": _moment(result.analysed)}
    observations = [
        entry
        for number, image in enumerate(result.images)
        for entry in _observations(result, image, report_uid, number, common, study, device)
    ]
    report = _Entry("DiagnosticReport", result, report_uid)
    report.resource |= common | {
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{report_uid}"}],
        "code": concept(DCM, "126000", "Imaging Measurement Report"),
        "issued": _moment(result.analysed),
        "imagingStudy": [study.reference],
        "result": [each.reference for each in observations],
        "conclusion": " ".join(result.images[0].statements),
    }
    study.resource |= _study(result, header, subject)
    device.resource |= _device(result)
    provenance = _Entry("Provenance", result, report_uid)
    provenance.resource |= {
        "target": [report.reference],
        "recorded": _moment(result.analysed),
        "agent": [{"who": device.reference}],
        "entity": [{"role": "source", "what": study.reference}],
    }
    entries = (study, device, *observations, report, provenance)
    return {"resourceType": "Bundle", "type": "transaction", "entry": [each.as_json() for each in entries]}


class _Entry:
    """One resource of the bundle; its id is made of the report's UID: the same whenever it is made."""

    def __init__(self, kind: str, result: StudyResult, report_uid: str, part: str = "") -> None:
        number = int(uid_of("fhir", kind, report_uid, part).removeprefix("2.25."))
        self.name = f"urn:uuid:{uuid.UUID(int=number)}"
        self.resource: dict[str, Any] = {"resourceType": kind, "meta": {"security": _LABELS}}

    @property
    def reference(self) -> dict[str, str]:
        return {"reference": self.name}

    def as_json(self) -> dict[str, Any]:
        request = {"method": "POST", "url": self.resource["resourceType"]}
        return {"fullUrl": self.name, "resource": self.resource, "request": request}


def _subject(header: SourceHeader) -> dict[str, Any]:
    identifier = {"value": header.value("PatientID") or "unknown"}
    if issuer := header.value("IssuerOfPatientID"):
        identifier["system"] = f"urn:screener:issuer:{issuer.replace(' ', '_')}"
    return {"type": "Patient", "identifier": identifier}


def _study(result: StudyResult, header: SourceHeader, subject: dict[str, Any]) -> dict[str, Any]:
    identifiers = [{"system": "urn:dicom:uid", "value": f"urn:oid:{result.study_uid}"}]
    if accession := header.value("AccessionNumber"):
        kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "ACSN"}]}
        identifiers.append({"type": kind, "value": accession})  # type: ignore[dict-item]
    return {"status": "available", "subject": subject, "identifier": identifiers}


def _device(result: StudyResult) -> dict[str, Any]:
    return {
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{result.device_uid}"}],
        "status": "active",
        "manufacturer": MANUFACTURER,
        "deviceName": [{"name": f"Screener {result.model.name}", "type": "model-name"}],
        "type": {"text": "Artificial-Intelligence: deep-learning model"},
        "version": [
            {"type": {"text": "model"}, "value": result.model.version},
            {"type": {"text": "screener"}, "value": result.screener_version},
            {"type": {"text": "SHA-256 of the network"}, "value": result.model.sha256},
        ],
        "note": [{"text": "Research, not for clinical use."}],
    }


def _observations(
    result: StudyResult,
    image: ImageResult,
    report_uid: str,
    number: int,
    common: dict[str, Any],
    study: _Entry,
    device: _Entry,
) -> list[_Entry]:
    about = {
        "derivedFrom": [study.reference],
        "device": device.reference,
        "note": [{"text": f"Image urn:oid:{image.sop_instance_uid}: {' '.join(image.statements)}"}],
    }
    summary = _Entry("Observation", result, report_uid, f"summary {number}")
    summary.resource |= common | about
    summary.resource["code"] = concept(DCM, SUMMARY, "Summary of Detections")
    summary.resource["valueCodeableConcept"] = concept(DCM, *_SUMMARIES[image.flagged])
    if not image.probability:
        return [summary]
    likely = _Entry("Observation", result, report_uid, f"probability {number}")
    likely.resource |= common | about
    likely.resource["code"] = concept(_OWN_CODES, PROBABILITY.value, PROBABILITY.meaning)
    likely.resource["valueQuantity"] = _quantity(image.probability)
    if threshold := dict(image.facts).get("threshold"):
        words = f"Threshold of {result.point}: flagged at or above it. Not a normal range."
        likely.resource["referenceRange"] = [{"high": _quantity(threshold), "text": words}]
    return [likely, summary]


def _quantity(value: str) -> dict[str, Any]:
    return {"value": float(value), "unit": "1", "system": _UCUM, "code": "1"}


def concept(system: str, code: str, display: str) -> dict[str, Any]:
    """Return a coded concept."""
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def _moment(when: datetime) -> str:
    return when.isoformat(timespec="seconds")
