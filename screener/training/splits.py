"""Three patient-disjoint parts: training, validation, held out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from screener.errors import DatasetError
from screener.said import Said, say
from screener.training.dataset import CLASS_NAMES, LabelledImage

_NAMES = ("training.part_training", "training.part_validation", "training.part_held_out")
"""What the three parts are called: keys of the catalogue."""
MIN_GIVEN_VALIDATION = 100  # images of each class; Kaggle's own val/ has 8
MIN_DIVIDED = 100  # images of each class; of several sites, a smaller one serves training alone
HELD_OUT_SHARE = 0.15
VALIDATION_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Split:
    """Which images serve what; no patient, and no exact duplicate, on two sides.

    messages: what the user should know of how it came about.
    """

    training: tuple[LabelledImage, ...]
    validation: tuple[LabelledImage, ...]
    held_out: tuple[LabelledImage, ...]
    messages: tuple[Said, ...]


def split_seed_of(manifest: Mapping[str, Any]) -> int | None:
    """Return the seed that drew which patients a model set aside; None where its manifest does not say.

    Before --split-seed the one seed of a training drew them, too.
    """
    training = manifest.get("training", {})
    seed: int | None = training.get("split_seed", training.get("seed"))
    return seed


def split_sites(
    images: Sequence[LabelledImage], patients_known: bool, seed: int, hold_out_source: str | None = None
) -> Split:
    """Return the three parts of all sites together, each site divided by itself as split_dataset does.

    Of several sites, one with under MIN_DIVIDED images of a class serves training alone: so few would
    measure nothing. hold_out_source: a source that is neither trained nor validated on; its images take
    the place of the held-out ones of the same class.

    Raises:
        DatasetError: A part would hold no image of one of the classes; or there is no such source.
    """
    sites: dict[str, list[LabelledImage]] = {}
    for image in images:
        sites.setdefault(image.site, []).append(image)
    splits = []
    for name, members in sites.items():
        usable = [image for image in members if image.part != "test"]
        counts = [sum(image.label == label for image in usable) for label in range(len(CLASS_NAMES))]
        if len(sites) > 1 and min(counts) < MIN_DIVIDED:
            remark = say("training.all_for_training", site=name, normal=counts[0], pneumonia=counts[1])
            splits.append(Split(tuple(usable), (), (), (remark,)))
        else:
            splits.append(split_dataset(members, patients_known, seed))
    joined = Split(
        tuple(image for split in splits for image in split.training),
        tuple(image for split in splits for image in split.validation),
        tuple(image for split in splits for image in split.held_out),
        tuple(message for split in splits for message in split.messages),
    )
    if not joined.validation:
        raise DatasetError("training.none_to_validate_on", least=MIN_DIVIDED)
    return joined if hold_out_source is None else _without_source(joined, images, hold_out_source)


def _without_source(split: Split, images: Sequence[LabelledImage], source: str) -> Split:
    held = [image for image in images if image.source == source]
    if not held:
        sources = ", ".join(sorted({image.source for image in images if image.source}))
        raise DatasetError("training.no_such_source", source=source, known=sources or say("training.none"))
    classes = {image.label for image in held}
    known = {key for image in held for key in (image.patient, image.digest) if key}

    def kept(images: Sequence[LabelledImage]) -> tuple[LabelledImage, ...]:
        """Return the images of other sources, and of nobody whom the source held out knows."""
        return tuple(
            image for image in images if image.source != source and not known & {image.patient, image.digest}
        )

    others = [image for image in split.held_out if image.label not in classes]
    return Split(
        kept(split.training),
        kept(split.validation),
        (*held, *others),
        (*split.messages, say("training.source_held_out", count=len(held), source=source)),
    )


def split_dataset(images: Sequence[LabelledImage], patients_known: bool, seed: int) -> Split:
    """Return the three parts, alike in their share of pneumonia; test/ is left out of all.

    Raises:
        DatasetError: A part would hold no image of one of the classes.
    """
    usable = [image for image in images if image.part != "test"]
    messages = []
    if len(usable) < len(images):
        messages.append(say("training.test_left_out", count=len(images) - len(usable)))
    if not patients_known:
        messages.append(say("training.split_by_image"))
    groups = kept_together(usable, patients_known)
    given = _given_validation(usable)
    if given is None and any(image.part == "val" for image in usable):
        messages.append(say("training.val_too_small", least=MIN_GIVEN_VALIDATION))
    parts = _divide(usable, groups, given, seed)
    for name, part in zip(_NAMES, parts, strict=True):
        for label, class_name in enumerate(CLASS_NAMES):
            if not any(image.label == label for image in part):
                raise DatasetError(
                    "training.part_lacks_class", part=say(name), label=class_name, images=len(usable)
                )
    return Split(*parts, messages=tuple(messages))


def kept_together(images: Sequence[LabelledImage], patients_known: bool) -> list[int]:
    """Return for each image the number of its group: same patient, or an exact duplicate of one."""
    nodes: dict[str, int] = {}
    edges = []
    for i, image in enumerate(images):
        patient = f"patient {image.patient}" if patients_known else f"image {i}"
        first = nodes.setdefault(patient, len(nodes))
        edges.append((first, nodes.setdefault(f"digest {image.digest or i}", len(nodes))))
    rows, columns = np.array(edges).T
    graph = coo_array((np.ones(len(edges)), (rows, columns)), shape=(len(nodes), len(nodes)))
    _, component = connected_components(graph, directed=False)
    return [int(component[row]) for row in rows]


def _given_validation(images: Sequence[LabelledImage]) -> set[int] | None:
    """Return the indices of a given val/ that is large enough to be kept, else None."""
    given = {i for i, image in enumerate(images) if image.part == "val"}
    counts = [sum(images[i].label == label for i in given) for label in range(len(CLASS_NAMES))]
    return given if min(counts) >= MIN_GIVEN_VALIDATION else None


def _divide(
    images: Sequence[LabelledImage], groups: Sequence[int], given: set[int] | None, seed: int
) -> tuple[tuple[LabelledImage, ...], tuple[LabelledImage, ...], tuple[LabelledImage, ...]]:
    validation = {groups[i] for i in given} if given else set()
    held_out: set[int] = set()
    rng = np.random.default_rng(seed)
    for stratum in _strata(images, groups):
        free = [group for group in stratum if group not in validation]
        order = [free[i] for i in rng.permutation(len(free))]
        n_held = int(np.ceil(HELD_OUT_SHARE * len(stratum)))
        held_out.update(order[:n_held])
        if given is None:
            validation.update(order[n_held : n_held + int(np.ceil(VALIDATION_SHARE * len(stratum)))])

    def part(wanted: set[int] | None) -> tuple[LabelledImage, ...]:
        taken = validation | held_out
        return tuple(
            image
            for image, group in zip(images, groups, strict=True)
            if (group not in taken if wanted is None else group in wanted)
        )

    return part(None), part(validation), part(held_out)


def _strata(images: Sequence[LabelledImage], groups: Sequence[int]) -> list[list[int]]:
    """Return the groups by label, sorted; a patient with any pneumonia image counts as pneumonia."""
    label: dict[int, int] = {}
    for image, group in zip(images, groups, strict=True):
        label[group] = max(label.get(group, 0), image.label)
    return [sorted(g for g, each in label.items() if each == wanted) for wanted in range(len(CLASS_NAMES))]
