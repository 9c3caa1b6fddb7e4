"""A model folder: one unit of network, preprocessing, calibration and operating points."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from screener.domain import Calibration, OperatingPoint, PreprocessingSpec
from screener.errors import ModelRejectedError, OutputError, UsageError
from screener.inference.gate import GATE
from screener.inference.validation import doubt_of_model, judged
from screener.worklist import ModelIdentity

FORMAT = 1
MANIFEST = "manifest.json"
NETWORK = "model.tflite"
WEIGHTS = "model.weights.h5"
CARD = "MODEL_CARD.md"

_DIGEST = "manifest_sha256"


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """What 'scan' needs of a model, checked against its checksums.

    operating_points: by name; thresholds at the calibration's own prevalence; one that is not validated
    has no figures.
    prevalence: the default, 0..1, with its source in words. validated_ages: years, youngest and oldest.
    manifest: the whole of manifest.json, for those who print it.
    """

    path: Path
    identity: ModelIdentity
    preprocessing: PreprocessingSpec
    calibration: Calibration
    operating_points: Mapping[str, OperatingPoint]
    default_operating_point: str
    prevalence: float
    prevalence_source: str
    validated_population: str
    validated_ages: tuple[int, int] | None
    intended_use: str
    manifest: Mapping[str, Any]

    @property
    def network(self) -> Path:
        return self.path / NETWORK

    @property
    def gate(self) -> Path | None:
        """The picture gate, None where the model has none."""
        return self.path / GATE if GATE in self.manifest["files"] else None

    @property
    def printed_points(self) -> tuple[OperatingPoint, ...]:
        """The operating points with their thresholds as reports print them: at the default prevalence."""
        return tuple(each.moved(self.calibration, self.prevalence) for each in self.operating_points.values())

    def operating_point(self, name: str | None) -> OperatingPoint:
        """Return an operating point by name, or the default one.

        Raises:
            UsageError: The model has none of that name.
        """
        chosen = name or self.default_operating_point
        if chosen not in self.operating_points:
            known = ", ".join(self.operating_points)
            raise UsageError(f"--operating-point {chosen}: {self.identity} has {known}.")
        return self.operating_points[chosen]


def load_model_folder(path: Path) -> ModelFolder:
    """Return a model whose every file has the SHA-256 that its manifest says.

    Raises:
        ModelRejectedError: The folder is missing, incomplete, altered, or of another format.
    """
    manifest = _read_manifest(path)
    _verify_files(path, manifest)
    try:
        points = {
            name: judged(OperatingPoint(name, **_with_tuples(values)), manifest)
            for name, values in manifest["operating_points"].items()
        }
        folder = ModelFolder(
            path=path,
            identity=ModelIdentity(manifest["name"], manifest["version"], manifest["files"][NETWORK]),
            preprocessing=PreprocessingSpec(**manifest["preprocessing"]),
            calibration=Calibration(**manifest["calibration"]),
            operating_points=points,
            default_operating_point=manifest["default_operating_point"],
            prevalence=float(manifest["prevalence"]["default"]),
            prevalence_source=manifest["prevalence"]["source"],
            **_validated(manifest),
            intended_use=manifest["intended_use"],
            manifest=manifest,
        )
        folder.operating_point(None)
    except (AttributeError, KeyError, TypeError, ValueError, UsageError) as error:
        raise ModelRejectedError(f"{path / MANIFEST}: incomplete or of the wrong form ({error}).") from error
    return folder


def seal_model_folder(path: Path, described: Mapping[str, Any]) -> None:
    """Write manifest.json for a finished folder: the description, and the SHA-256 of every file in it.

    Raises:
        OutputError: It cannot be written.
    """
    files = sorted(each for each in path.rglob("*") if each.is_file() and each.name != MANIFEST)
    checksums = {each.relative_to(path).as_posix(): sha256(each) for each in files}
    manifest: dict[str, Any] = {"format": FORMAT, **described, "files": checksums}
    manifest[_DIGEST] = _digest(manifest)
    try:
        text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False)
        (path / MANIFEST).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError.cannot_write(path / MANIFEST, error) from error


def as_json(point: OperatingPoint) -> dict[str, Any]:
    """Return an operating point as manifest.json holds it, below its name."""
    return {key: value for key, value in asdict(point).items() if key not in ("name", "doubt")}


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read_manifest(path: Path) -> dict[str, Any]:
    if not path.is_dir():
        raise ModelRejectedError(
            f"{path}: no such model folder. 'screener models' lists those that are installed."
        )
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelRejectedError(f"{path}: no {MANIFEST} in it, so this is no model folder.") from None
    except (OSError, ValueError) as error:
        raise ModelRejectedError(f"{path / MANIFEST}: cannot be read ({error}).") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ModelRejectedError(
            f"{path / MANIFEST}: not of format {FORMAT}, which this version of Screener reads."
        )
    found = _digest(manifest)
    if manifest.get(_DIGEST) != found:
        raise ModelRejectedError.checksum(path / MANIFEST, str(manifest.get(_DIGEST)), found)
    return manifest


def _verify_files(path: Path, manifest: Mapping[str, Any]) -> None:
    files = manifest.get("files")
    if not isinstance(files, dict) or NETWORK not in files:
        raise ModelRejectedError(f"{path / MANIFEST}: lists no {NETWORK}.")
    for name, expected in files.items():
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise ModelRejectedError(f"{path / MANIFEST}: names a file outside its folder.")
        try:
            found = sha256(path / name)
        except OSError as error:
            raise ModelRejectedError(f"{path / name}: cannot be read ({error.strerror}).") from error
        if found != expected:
            raise ModelRejectedError.checksum(path / name, expected, found)


def _digest(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a manifest without its own digest, however it is indented."""
    bare = {key: value for key, value in manifest.items() if key != _DIGEST}
    return hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()


def _validated(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return on whom a model is validated: nobody, where it could be chance on those it was measured on."""
    population = manifest["validated_population"]
    doubt = doubt_of_model(manifest)
    if doubt is None:
        ages = _ages(population.get("age_years"))
        return {"validated_population": population["description"], "validated_ages": ages}
    words = f"nobody: {doubt.words}. Measured on: {population['description']}"
    return {"validated_population": words, "validated_ages": None}


def _ages(written: Any) -> tuple[int, int] | None:
    if written is None:
        return None
    youngest, oldest = (int(each) for each in written)
    return youngest, oldest


def _with_tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
