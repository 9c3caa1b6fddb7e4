"""The same bundle as FHIR R5, with the profiles of HL7's guide for DICOM measurement reports.

The guide, "DICOM SR to FHIR Resource Mapping" (hl7.fhir.uv.dicom-sr 1.0.0, ballot), is of R5 alone. Whether
resources fulfil the profiles that they name is for HL7's own validator to say.
"""

import json
from typing import Any

from screener.dicom_results.result import StudyResult
from screener.dicom_results.source_header import SourceHeader
from screener.publishing.fhir import DCM, SUMMARY, bundle, concept

PROFILES = "http://hl7.org/fhir/uv/dicom-sr/StructureDefinition/"
_UMLS = "http://terminology.hl7.org/CodeSystem/umls"


def make_fhir_r5(result: StudyResult, header: SourceHeader, report_uid: str) -> bytes:
    """Return the bundle, UTF-8; the arguments are those of make_fhir."""
    return json.dumps(bundle_r5(result, header, report_uid), ensure_ascii=False, indent=1).encode() + b"\n"


def bundle_r5(result: StudyResult, header: SourceHeader, report_uid: str) -> dict[str, Any]:
    """Return the resources of the R4 bundle as R5 has them."""
    made = bundle(result, header, report_uid)
    resources = [entry["resource"] for entry in made["entry"]]
    study = next(entry for entry in made["entry"] if entry["resource"]["resourceType"] == "ImagingStudy")
    for resource in resources:
        match resource["resourceType"]:
            case "Device":
                _algorithm(resource, result)
            case "DiagnosticReport":
                resource["study"] = resource.pop("imagingStudy")
            case "Observation":
                _observation(resource, _part_of(study["fullUrl"], result.study_uid))
    return made


def _algorithm(device: dict[str, Any], result: StudyResult) -> None:
    """Tell of a device what TID 4019 tells of an algorithm: name, version, parameters."""
    _claim(device, "algorithm-identification")
    [name] = device.pop("deviceName")
    device["displayName"] = name["name"]
    device["type"] = [device["type"]]
    parameters = concept(DCM, "111002", "Algorithm Parameters")
    device["property"] = [{"type": parameters, "valueString": result.images[0].parameters}]


def _observation(observation: dict[str, Any], part_of: dict[str, Any]) -> None:
    evaluation = observation["code"]["coding"][0]["code"] == SUMMARY
    _claim(observation, "imaging-qualitative-evaluation" if evaluation else "imaging-measurement")
    if evaluation:
        observation["category"] = [concept(_UMLS, "C0034375", "Qualitative Evaluations")]
    observation["partOf"] = [part_of]
    observation["issued"] = observation["effectiveDateTime"]


def _part_of(name: str, study_uid: str) -> dict[str, Any]:
    kind = concept(DCM, "110180", "Study Instance UID")
    identifier = {"type": kind, "system": "urn:dicom:uid", "value": f"urn:oid:{study_uid}"}
    return {"reference": name, "type": "ImagingStudy", "identifier": identifier}


def _claim(resource: dict[str, Any], profile: str) -> None:
    resource["meta"] = {**resource["meta"], "profile": [PROFILES + profile]}
