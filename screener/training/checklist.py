"""A reporting checklist after CLAIM 2024 and TRIPOD+AI, filled as far as manifest and measurement go."""

from collections.abc import Mapping
from typing import Any

from screener.evaluation.decision_curve import DecisionCurve
from screener.evaluation.estimates import Estimate
from screener.evaluation.metrics import Evaluation
from screener.evaluation.subgroups import Subgroup
from screener.operating_points import shift_prevalence
from screener.training.card import render

_PARTS = {"training": "training", "validation": "validation", "held_out": "held out"}


def render_checklist(
    manifest: Mapping[str, Any],
    evaluation: Evaluation,
    *,
    evaluated_on: str,
    left_out: int | None = None,
    curve: DecisionCurve | None = None,
    heading: str = "#",
) -> str:
    """Return the checklist as Markdown: one row an item, with where it is answered and the answer.

    What cannot be filled says "not reported".

    manifest: a model's manifest.json; what it lacks is not reported. evaluated_on: the images of the
    evaluation, in words. left_out: how many of them have no probability, None where not counted. curve: at
    these images' prevalence. heading: "#" for a document of its own, "##" for a section.
    """
    answers = {
        **_of_manifest(manifest),
        **_of_data(evaluation, left_out),
        **_of_results(evaluation, curve),
    }
    return render(
        "checklist.md.j2",
        answers={key: one_cell(text) for key, text in answers.items()},
        name=one_cell(_joined(" ", _at(manifest, "name"), _at(manifest, "version")) or "a model"),
        evaluated_on=one_cell(evaluated_on),
        heading=heading,
    )


def _of_manifest(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return what the model folder says; empty strings where it is silent."""
    size, clip, tiles = (_at(manifest, f"preprocessing.{key}") for key in ("size", "clip_limit", "tiles"))
    epochs, seed = _at(manifest, "training.epochs"), _at(manifest, "training.seed")
    prevalence = _at(manifest, "calibration.prevalence")
    points = _at(manifest, "operating_points") or {}
    licence = _at(manifest, "data.licence")
    return {
        "kind": "deep learning (MobileNetV2) for classification: pneumonia or not",
        "goal": "evaluation of a trained model on labelled images",
        "intended_use": _at(manifest, "intended_use"),
        "training_data": _joined("; ", _at(manifest, "data.title"), _at(manifest, "data.credit")),
        "preprocessing": f"grey, {size} × {size}, CLAHE (clip limit {clip}, {tiles} × {tiles} tiles)"
        if size
        else "",
        "predictors": "the grey levels of one frontal radiograph; no age, sex, history or laboratory value",
        "partitions": _joined("; ", *(_partition(manifest, part) for part in _PARTS)),
        "disjoint": _joined("", "patients from: ", _at(manifest, "training.patients_from")),
        "model": f"one square of {size} × {size} bytes in; logit, 7 × 7 activation map and embedding out"
        if size
        else "",
        "software": ", ".join(f"{k} {v}" for k, v in (_at(manifest, "training.versions") or {}).items()),
        "initial": _at(manifest, "training.backbone"),
        "training": f"{epochs} epochs, seed {seed}" if epochs else "",
        "selection": _at(manifest, "training.selection"),
        "ensembling": "none: one network gives the probability",
        "imbalance": f"calibrated at a prevalence of {prevalence:.3f}; shifted to a stated one (Bayes)"
        if prevalence
        else "",
        "output": _thresholds(points, prevalence, _at(manifest, "prevalence.default")),
        "explainability": "7 × 7 class activation map, whose mean is the score",
        "internal": _joined("", "held-out part: AUC ", _figure_of(_at(manifest, "held_out.auc"))),
        "limitations": limitations(manifest),
        "unusable": "a picture gate notes unusual pictures, and refuses what neither looks like a chest "
        "radiograph nor is tagged as one"
        if "gate" in manifest
        else "",
        "availability": _joined("", "software: Apache-2.0; training data: ", licence),
    }


def limitations(manifest: Mapping[str, Any]) -> str:
    """Return on whom a model was validated, each of its populations, and for whom it was not."""
    populations = _at(manifest, "populations") or {}
    validated_on = [each["validated_on"] for each in populations.values()] or [
        _at(manifest, "validated_population.description")
    ]
    missing = "; ".join(_at(manifest, "validated_population.not_validated_for") or ())
    return _joined(
        "; ",
        _joined("", "validated on: ", "; ".join(filter(None, validated_on))),
        _joined("", "not for: ", missing),
    )


def _thresholds(points: Mapping[str, Any], fitted_at: Any, printed_at: Any) -> str:
    """Return the thresholds as reports print them, and the prevalence that they assume."""
    if not fitted_at or not printed_at:
        return "; ".join(f"{name}: probability ≥ {at['threshold']:.4f}" for name, at in points.items())
    moved = {name: shift_prevalence(at["threshold"], fitted_at, printed_at) for name, at in points.items()}
    thresholds = "; ".join(f"{name}: probability ≥ {threshold:.4f}" for name, threshold in moved.items())
    return _joined("", thresholds, f" (at a prevalence of {printed_at:.3f}, as in reports)")


def _of_data(evaluation: Evaluation, left_out: int | None) -> dict[str, str]:
    """Return what the evaluation says of its images."""
    ill = round((evaluation.prevalence.value or 0) * evaluation.images)
    patients = "patients unknown" if evaluation.patients is None else f"{evaluation.patients} patients"
    excluded = "" if left_out is None else f", {left_out} left out"
    groupings: dict[str, list[Subgroup]] = {}
    for each in evaluation.subgroups:
        groupings.setdefault(each.grouping, []).append(each)
    described = (
        f"{grouping}: " + ", ".join(f"{each.group} {each.normal} + {each.pneumonia}" for each in groups)
        for grouping, groups in groupings.items()
        if grouping in ("view", "sex", "age")
    )
    characteristics = "; ".join(described)
    return {
        "exclusion": "images that cannot be read or are refused as no frontal chest radiograph are left out",
        "missing": "images without a probability are left out; an unknown attribute is a group of its own",
        "numbers": f"{evaluation.images - ill} normal, {ill} pneumonia, {patients}{excluded}",
        "characteristics": _joined("", characteristics, " (normal + pneumonia images)"),
        "fairness": _joined("", "figures by ", ", ".join(groupings)),
    }


def _of_results(evaluation: Evaluation, curve: DecisionCurve | None) -> dict[str, str]:
    """Return what the evaluation measured."""
    points = evaluation.operating_points
    shifts = ", ".join(
        f"{each.expected_calibration_error.in_words()} at {100 * each.prevalence:g} %"
        for each in evaluation.prior_shift
    )
    areas = [each for each in evaluation.subgroups if each.auc.value is not None and not each.small]
    lowest = min(areas, key=lambda each: each.auc.value or 0.0, default=None)
    return {
        "metrics": "AUC, average precision, Brier score, expected calibration error; sensitivity, "
        "specificity, predictive values, F1 and accuracy at each operating point",
        "uncertainty": f"95 % intervals: {evaluation.interval_method}",
        "robustness": _joined("", "calibration error after a shift of prevalence: ", shifts),
        "performance": f"AUC {evaluation.auc.in_words()}; "
        f"average precision {evaluation.average_precision.in_words()}",
        "calibration": f"Brier score {evaluation.brier.in_words()}; expected calibration error "
        f"{evaluation.expected_calibration_error.in_words()}{_at_share(evaluation)}",
        "subgroups": ""
        if lowest is None
        else f"lowest AUC {lowest.auc.in_words()}, {lowest.grouping} {lowest.group}; small groups apart",
        "accuracy": "; ".join(
            f"{each.name}: sensitivity {each.sensitivity.in_words()}, "
            f"specificity {each.specificity.in_words()}"
            for each in points
        ),
        "utility": "" if curve is None else _utility(curve),
        "failures": "; ".join(
            f"{each.name}: {each.confusion_matrix.fn} missed, {each.confusion_matrix.fp} flagged in vain"
            for each in points
        ),
    }


def _at_share(evaluation: Evaluation) -> str:
    share = evaluation.prevalences.figures
    return "" if share is None else f"; of probabilities at these images' prevalence, {share:.3f}"


def _utility(curve: DecisionCurve) -> str:
    better = curve.thresholds[(curve.model > curve.treat_all) & (curve.model > 0)]
    if len(better) == 0:
        return "at no threshold probability better than flagging all or none"
    return (
        f"net benefit above flagging all and none at {len(better)} of {len(curve.thresholds)} threshold "
        f"probabilities ({better.min():.2f} to {better.max():.2f}) at a prevalence of {curve.prevalence:.3f}"
    )


def _partition(manifest: Mapping[str, Any], part: str) -> str:
    images, normal, ill = (_at(manifest, f"{part}.{key}") for key in ("images", "normal", "pneumonia"))
    return f"{_PARTS[part]} {images} images ({normal} normal, {ill} pneumonia)" if images else ""


def _at(manifest: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a path such as "training.seed", an empty text where nothing does."""
    found: Any = manifest
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return "" if found is None else found


def _joined(between: str, *texts: Any) -> str:
    """Return texts joined; with nothing between, nothing at all where one of them is empty."""
    if between:
        return between.join(str(each) for each in texts if each)
    return "".join(map(str, texts)) if all(texts) else ""


def _figure_of(written: Any) -> str:
    """Return an estimate as a manifest holds it."""
    if not isinstance(written, Mapping) or written.get("value") is None:
        return ""
    interval = written.get("interval")
    return Estimate(written["value"], tuple(interval) if interval else None).in_words()


def one_cell(text: Any) -> str:
    """Return text that stays in its cell of a Markdown table."""
    return " ".join(str(text).split()).replace("|", "\\|")
