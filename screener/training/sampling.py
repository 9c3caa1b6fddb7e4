"""Which images an epoch shows, and how often: sites, classes and groups heard evenly.

A large hospital must not drown a small one, nor a frequent group (PA images, bacterial pneumonia) a rare
one: a network then learns what tells the sites apart instead of what tells the classes apart.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screener.training.dataset import LabelledImage


@dataclass(frozen=True, slots=True)
class Draw:
    """One image of an epoch.

    image: index. painted: whether an opacity is painted into it, which makes a NORMAL image PNEUMONIA.
    """

    index: int
    painted: bool = False


class BalancedSampler:
    """Draws each epoch anew, the same for the same seed and epoch.

    Sites are heard in proportion to the root of their number of images; the two classes of a site equally;
    within a class, groups of the same source, view and subtype in proportion to the root of theirs. A share
    of the PNEUMONIA images are painted NORMAL ones of the same site. An epoch draws as many images as there
    are.

    painted: 0..1, that share.
    """

    def __init__(self, images: Sequence[LabelledImage], *, painted: float, seed: int) -> None:
        self._count = len(images)
        self._seed = seed
        self._strata: list[tuple[float, NDArray[np.int64], bool]] = []
        for share, indices in _weighted(_grouped(images, range(len(images)), lambda image: image.site)):
            self._add_site(images, indices, share, painted)

    def _add_site(
        self, images: Sequence[LabelledImage], indices: Sequence[int], share: float, painted: float
    ) -> None:
        classes = _grouped(images, indices, lambda image: image.label)
        of_class = share / len({*classes, 1} if painted else classes)
        for label, members in classes.items():
            real = of_class * (1 - painted if label == 1 and 0 in classes else 1)
            groups = _grouped(images, members, lambda image: (image.source, image.view, image.subtype))
            self._strata += [(real * weight, np.array(group), False) for weight, group in _weighted(groups)]
        if painted and 0 in classes:
            shown = of_class * (painted if 1 in classes else 1)
            self._strata.append((shown, np.array(classes[0]), True))

    def epoch(self, number: int) -> list[Draw]:
        """Return the draws of an epoch, in order: each image of a group once before any of them twice."""
        rng = np.random.default_rng((self._seed, number))
        wanted = np.array([weight for weight, _, _ in self._strata]) * self._count
        counts = np.floor(np.cumsum(wanted) + 0.5).astype(int)
        counts = np.diff(np.r_[0, counts])
        draws = []
        for count, (_, indices, painted) in zip(counts, self._strata, strict=True):
            rounds = [rng.permutation(indices) for _ in range(-(-count // len(indices)))]
            draws += [Draw(int(index), painted) for index in np.concatenate([*rounds, indices[:0]])[:count]]
        return [draws[i] for i in rng.permutation(len(draws))]


def _grouped(
    images: Sequence[LabelledImage], indices: Sequence[int], key: Callable[[LabelledImage], Hashable]
) -> dict[Hashable, list[int]]:
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for i in indices:
        groups[key(images[i])].append(i)
    return dict(sorted(groups.items(), key=lambda item: repr(item[0])))


def _weighted(groups: dict[Hashable, list[int]]) -> list[tuple[float, list[int]]]:
    """Return the groups, each with its share: the root of its size, over all."""
    roots = np.sqrt([len(group) for group in groups.values()])
    return [(float(root / roots.sum()), group) for root, group in zip(roots, groups.values(), strict=True)]
