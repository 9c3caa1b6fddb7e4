"""Gives a model that was trained before digests of training images were kept those digests (decision 7).

Run: python benchmarks/add_training_images.py MODEL DATA…

DATA are the very sites that the model was trained on, under the same names. They are divided again with the
seed in the manifest; only if every count and both AUCs come out to the last digit is anything written. The
folder is then sealed again under the same version.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from screener.domain import Fingerprint
from screener.errors import DatasetError
from screener.fingerprint import fingerprint
from screener.inference.classifier import Classifier
from screener.inference.model_folder import ModelFolder, load_model_folder, seal_model_folder
from screener.inference.training_images import (
    TRAINED,
    VALIDATED,
    TrainingImages,
    image_set,
    write_training_images,
)
from screener.intake import read_radiograph
from screener.preprocessing.clahe import preprocess
from screener.training.dataset import LabelledImage, read_sites, with_digest
from screener.training.splits import Split, split_seed_of, split_sites


def main() -> None:
    """Divide, compare with the manifest, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("data", type=Path, nargs="+")
    arguments = parser.parse_args()
    model = load_model_folder(arguments.model)
    split = divided_again(model, arguments.data)
    trained = image_set(TRAINED, [_read(model, image)[0] for image in split.training])
    validated = image_set(VALIDATED, _measured_again(model, "validation", split.validation))
    _measured_again(model, "held_out", split.held_out)
    write_training_images(model.path, TrainingImages((trained, validated)))
    kept = {key: value for key, value in model.manifest.items() if key not in ("format", "files")}
    seal_model_folder(model.path, kept)
    print(f"{model.identity}: {trained.images} images trained on, {validated.images} validated on")


def divided_again(model: ModelFolder, data: Sequence[Path]) -> Split:
    """Return the split that a model was trained with.

    Raises:
        DatasetError: A part has another number of images than the manifest says.
    """
    dataset = read_sites(data)
    images = [with_digest(image) for image in dataset.images]
    training = model.manifest["training"]
    split = split_sites(
        images, bool(dataset.patients_from), split_seed_of(model.manifest), training.get("held_out_source")
    )
    for name in ("training", "validation", "held_out"):
        part: Sequence[LabelledImage] = getattr(split, name)
        found = [len(part), sum(image.label for image in part), len({image.patient for image in part})]
        said = [model.manifest[name].get(key) for key in ("images", "pneumonia", "patients")]
        if found != said:
            raise DatasetError(f"{name}: {found} images, pneumonia, patients; {model.identity} had {said}.")
    return split


def _measured_again(model: ModelFolder, name: str, part: Sequence[LabelledImage]) -> list[Fingerprint]:
    read = [_read(model, image) for image in part]
    classifier = Classifier(model.network)
    logits = np.array([classifier.predict(square).logit for _, square in read])
    auc = float(roc_auc_score([image.label for image in part], logits))
    said = model.manifest[name]["auc"]["value"]
    if auc != said:
        raise DatasetError(f"{name}: AUC {auc}, {model.identity} had {said}: other images, or other code.")
    return [each for each, _ in read]


def _read(model: ModelFolder, image: LabelledImage) -> tuple[Fingerprint, np.ndarray]:
    pixels = read_radiograph(image.file).pixels
    return fingerprint(pixels), preprocess(pixels, model.preprocessing)


if __name__ == "__main__":
    main()
