"""How far probabilities differ between kinds of processors, which make libraries choose other kernels.

    python benchmarks/bench_processors.py score here.json IMAGES…
    qemu-x86_64 -cpu Nehalem python benchmarks/bench_processors.py score nehalem.json IMAGES…
    python benchmarks/bench_processors.py compare here.json nehalem.json

The second line emulates a processor without AVX (Debian: qemu-user); it is some fifty times as slow.
"""

import json
import sys
from pathlib import Path

from screener.domain import Finding, ImageFile
from screener.engines.worker import Screener, ScreenerSetup, screen_batch
from screener.inference.model_folder import load_model_folder
from screener.intake import classify
from screener.operating_points import printed
from screener.resources import shipped_model


def score(out: Path, radiographs: list[Path]) -> None:
    """Write what each image gives: probability and digest of its pixels, or why there is none."""
    model = load_model_folder(shipped_model())
    screener = Screener.of(ScreenerSetup.of(model))
    found = {}
    for radiograph in radiographs:
        file = classify(radiograph.absolute(), radiograph.name)
        if isinstance(file, ImageFile):
            [outcome] = screen_batch([file], screener)
            screened = isinstance(outcome, Finding)
            probability = model.main.calibration.probability(outcome.prediction.logit) if screened else None
            found[str(radiograph)] = [probability, outcome.pixel_digest if screened else outcome.reason]
    out.write_text(json.dumps(found))


def compare(first: Path, second: Path) -> None:
    """Print how far two lists differ."""
    here, there = (json.loads(path.read_text()) for path in (first, second))
    both = [(here[radiograph], there[radiograph]) for radiograph in here if radiograph in there]
    scored = [(one[0], two[0]) for one, two in both if one[0] is not None and two[0] is not None]
    print(f"{len(both)} files, {len(scored)} screened by both")
    print(f"other pixels or reasons: {sum(one[1] != two[1] for one, two in both)}")
    print(f"largest difference of a probability: {max(abs(one - two) for one, two in scored):.2g}")
    print(f"printed otherwise: {sum(printed(one) != printed(two) for one, two in scored)}")


def main() -> None:
    """Run the benchmark."""
    command, first, *others = sys.argv[1:]
    if command == "score":
        score(Path(first), [Path(each) for each in others])
    else:
        compare(Path(first), Path(others[0]))


if __name__ == "__main__":
    main()
