from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.domain import FileKind, ImageFile
from screener.errors import DatasetError
from screener.training.dataset import LabelledImage
from screener.training.splits import (
    HELD_OUT_SHARE,
    MIN_DIVIDED,
    Split,
    split_dataset,
    split_seed_of,
    split_sites,
)


def image(i: int, label: int, patient: str = "", part: str = "", digest: str = "") -> LabelledImage:
    name = f"{part}{label}-{i}.jpg"
    return LabelledImage(
        ImageFile(Path("/") / name, name, FileKind.JPEG),
        label,
        patient or f"p{label}-{i}",
        part,
        digest or name,
    )


def radiographs(count: int, per_patient: int = 1, part: str = "") -> list[LabelledImage]:
    return [
        image(i, label, f"p{part}{label}-{i // per_patient}", part) for label in (0, 1) for i in range(count)
    ]


def parts(split: Split) -> tuple[tuple[LabelledImage, ...], ...]:
    return split.training, split.validation, split.held_out


@settings(max_examples=30, deadline=None)
@given(count=st.integers(20, 80), per_patient=st.integers(1, 4), seed=st.integers(0, 1000))
def test_no_patient_is_on_two_sides_and_no_image_is_lost(count: int, per_patient: int, seed: int) -> None:
    images = radiographs(count, per_patient)
    split = split_dataset(images, True, seed)
    patients = [{each.patient for each in part} for part in parts(split)]
    assert not (patients[0] & patients[1])
    assert not (patients[0] & patients[2])
    assert not (patients[1] & patients[2])
    assert sorted(each.file.name for part in parts(split) for each in part) == sorted(
        each.file.name for each in images
    )
    everyone = set().union(*patients)
    assert len(patients[2]) >= HELD_OUT_SHARE * len(everyone)


def test_the_same_seed_gives_the_same_split_and_another_seed_another() -> None:
    images = radiographs(60)
    assert parts(split_dataset(images, True, 1)) == parts(split_dataset(images, True, 1))
    assert parts(split_dataset(images, True, 1)) != parts(split_dataset(images, True, 2))


def test_exact_duplicates_stay_on_one_side_even_of_two_patients() -> None:
    images = radiographs(60)
    twins = [image(900 + i, 0, f"twin-{i}", digest=images[i].digest) for i in range(20)]
    split = split_dataset([*images, *twins], True, 3)
    side = {each.digest: n for n, part in enumerate(parts(split)) for each in part}
    assert all(side[each.digest] == n for n, part in enumerate(parts(split)) for each in part)


def test_test_images_are_never_used() -> None:
    split = split_dataset([*radiographs(30, part="train"), *radiographs(10, part="test")], True, 1)
    assert not any(each.part == "test" for part in parts(split) for each in part)
    assert "20 images" in str(split.messages[0])


def test_a_small_given_validation_is_pooled_with_a_message() -> None:
    split = split_dataset([*radiographs(60, part="train"), *radiographs(8, part="val")], True, 1)
    assert any("pooled with train/" in str(message) for message in split.messages)
    assert len(split.validation) > 16


def test_a_large_given_validation_is_kept_whole() -> None:
    split = split_dataset([*radiographs(150, part="train"), *radiographs(100, part="val")], True, 1)
    assert {each.part for each in split.validation} == {"val"}
    assert len(split.validation) == 200
    assert {each.part for each in split.held_out} == {"train"}


def test_a_patient_of_the_given_validation_leaves_training() -> None:
    images = [*radiographs(150, part="train"), *radiographs(100, part="val")]
    shared = image(999, 1, patient="pval1-0", part="train")
    split = split_dataset([*images, shared], True, 1)
    assert shared in split.validation


def test_unknown_patients_are_warned_of() -> None:
    split = split_dataset(radiographs(40), False, 1)
    assert any("split is by image" in str(message) for message in split.messages)


def test_one_class_alone_is_refused() -> None:
    with pytest.raises(DatasetError, match="no PNEUMONIA image"):
        split_dataset([each for each in radiographs(40) if each.label == 0], True, 1)


def at(site: str, images: list[LabelledImage], source: str = "") -> list[LabelledImage]:
    return [replace(each, patient=f"{site}/{each.patient}", site=site, source=source) for each in images]


def test_each_site_is_divided_by_itself_and_a_small_one_serves_training_alone() -> None:
    large, small = at("large", radiographs(MIN_DIVIDED)), at("small", radiographs(30))
    split = split_sites([*large, *small], True, 1)
    alone = split_sites(large, True, 1)
    assert split.validation == alone.validation
    assert split.held_out == alone.held_out
    assert set(split.training) == {*alone.training, *small}
    assert any("small: 30 NORMAL and 30 PNEUMONIA" in str(message) for message in split.messages)


def test_the_test_part_of_a_small_site_stays_out_of_training() -> None:
    small = at("small", [*radiographs(20), *radiographs(10, part="test")])
    split = split_sites([*at("large", radiographs(MIN_DIVIDED)), *small], True, 1)
    assert not any(each.part == "test" for part in parts(split) for each in part)


def test_a_source_held_out_is_in_no_other_part_and_is_measured_whole() -> None:
    normal, pneumonia = radiographs(80)[:80], radiographs(80)[80:]
    images = [*at("a", normal[:40], "one"), *at("a", normal[40:], "two"), *at("a", pneumonia, "three")]
    split = split_sites(images, True, 1, "two")
    whole = split_sites(images, True, 1)
    assert not any(each.source == "two" for each in (*split.training, *split.validation))
    healthy = {each for each in split.held_out if each.label == 0}
    assert healthy == {each for each in images if each.source == "two"}
    ill = {each for each in split.held_out if each.label == 1}
    assert ill == {each for each in whole.held_out if each.label == 1}


def test_a_patient_or_a_copy_of_the_source_held_out_is_not_trained_on_either() -> None:
    normal, pneumonia = radiographs(80)[:80], radiographs(80)[80:]
    elsewhere = [replace(normal[i], source="two", site="a", digest=f"other {i}") for i in range(0, 80, 2)]
    copies = [replace(normal[i], patient=f"q{i}", source="two", site="a") for i in range(1, 80, 8)]
    images = [replace(each, source="one", site="a") for each in (*normal, *pneumonia)]
    split = split_sites([*images, *elsewhere, *copies], True, 1, "two")
    seen = (*split.training, *split.validation)
    assert not {each.patient for each in elsewhere} & {each.patient for each in seen}
    assert not {each.digest for each in copies} & {each.digest for each in seen}
    assert any(each.label == 0 for each in seen)


def test_an_unknown_source_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(DatasetError, match="Sources: one"):
        split_sites(at("a", radiographs(40), "one"), True, 1, "elsewhere")


def test_small_sites_alone_leave_nothing_to_validate_on() -> None:
    with pytest.raises(DatasetError, match="validate"):
        split_sites([*at("a", radiographs(20)), *at("b", radiographs(20))], True, 1)


@pytest.mark.parametrize(
    ("training", "seed"), [({"seed": 3}, 3), ({"seed": 3, "split_seed": 4}, 4), ({}, None)]
)
def test_who_was_set_aside_follows_from_the_split_seed_and_in_older_models_from_the_seed(training, seed):
    assert split_seed_of({"training": training}) == seed
