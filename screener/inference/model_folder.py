"""A model folder: one unit of network, preprocessing, calibration and operating points."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from screener.domain import PreprocessingSpec
from screener.errors import ModelRejectedError, OutputError, UsageError, why
from screener.inference.gate import GATE
from screener.inference.populations import Population, default_population_of, populations_of
from screener.operating_points import OperatingPoint
from screener.run_summary import ModelIdentity
from screener.scale import ALL, Scales

FORMAT = 1
MANIFEST = "manifest.json"
NETWORK = "model.tflite"
WEIGHTS = "model.weights.h5"
CARD = "MODEL_CARD.md"

_DIGEST = "manifest_sha256"


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """What 'scan' needs of a model, checked against its checksums.

    populations: one or more, in the manifest's order. default_population: the one of them that a patient of
    unknown age is read as. manifest: the whole of manifest.json, for those who print it.
    """

    path: Path
    identity: ModelIdentity
    preprocessing: PreprocessingSpec
    populations: tuple[Population, ...]
    default_population: str
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
    def main(self) -> Population:
        """The population named first, which training calibrated: all there is in most models."""
        return self.populations[0]

    def population(self, name: str, option: str = "--population") -> Population:
        """Return a population by name.

        Raises:
            UsageError: The model has none of that name; says what the option may name.
        """
        found = next((each for each in self.populations if each.name == name), None)
        if found is not None:
            return found
        if [each.name for each in self.populations] == [ALL]:
            raise UsageError("inference.no_populations", option=option, name=name, model=self.identity)
        known = ", ".join(each.name for each in self.populations)
        raise UsageError(
            "inference.no_such_population", option=option, name=name, model=self.identity, known=known
        )

    def scales(
        self,
        population: str | None = None,
        default_population: str | None = None,
        *,
        operating_point: str | None = None,
        threshold: float | None = None,
        prevalence: float | None = None,
    ) -> Scales:
        """Return how this model's numbers are printed, by the patient's age.

        population: as whose all radiographs are read, whatever the age. default_population: as whose
        radiographs without an age are read. The others as in Population.scale.

        Raises:
            UsageError: The model has no population, or no operating point, of the name asked for.
        """
        asked = (operating_point, threshold, prevalence)
        if population is not None:
            return Scales.one(self.population(population).scale(*asked))
        default = default_population or self.default_population
        self.population(default, "--default-population")
        return Scales(tuple(each.scale(*asked) for each in self.populations), default)


def load_model_folder(path: Path) -> ModelFolder:
    """Return a model whose every file has the SHA-256 that its manifest says.

    Raises:
        ModelRejectedError: The folder is missing, incomplete, altered, or of another format.
    """
    manifest = _read_manifest(path)
    _verify_files(path, manifest)
    try:
        folder = ModelFolder(
            path=path,
            identity=ModelIdentity(manifest["name"], manifest["version"], manifest["files"][NETWORK]),
            preprocessing=PreprocessingSpec(**manifest["preprocessing"]),
            populations=populations_of(manifest),
            default_population=default_population_of(manifest),
            intended_use=manifest["intended_use"],
            manifest=manifest,
        )
    except (AttributeError, KeyError, TypeError, ValueError, UsageError) as error:
        raise ModelRejectedError("inference.incomplete", path=path / MANIFEST, error=error) from error
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
        raise ModelRejectedError("inference.no_folder", path=path)
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelRejectedError("inference.no_manifest", path=path, file=MANIFEST) from None
    except (OSError, ValueError) as error:
        raise ModelRejectedError(
            "inference.unreadable_manifest", path=path / MANIFEST, error=why(error)
        ) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ModelRejectedError("inference.other_format", path=path / MANIFEST, format=FORMAT)
    found = _digest(manifest)
    if manifest.get(_DIGEST) != found:
        raise ModelRejectedError.checksum(path / MANIFEST, str(manifest.get(_DIGEST)), found)
    return manifest


def _verify_files(path: Path, manifest: Mapping[str, Any]) -> None:
    files = manifest.get("files")
    if not isinstance(files, dict) or NETWORK not in files:
        raise ModelRejectedError("inference.no_network_listed", path=path / MANIFEST, file=NETWORK)
    for name, expected in files.items():
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise ModelRejectedError("inference.outside", path=path / MANIFEST)
        try:
            found = sha256(path / name)
        except OSError as error:
            raise ModelRejectedError("inference.unreadable", path=path / name, error=why(error)) from error
        if found != expected:
            raise ModelRejectedError.checksum(path / name, expected, found)


def _digest(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a manifest without its own digest, however it is indented."""
    bare = {key: value for key, value in manifest.items() if key != _DIGEST}
    return hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()
