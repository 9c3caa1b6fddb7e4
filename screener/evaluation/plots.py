"""One evaluation as pictures: PNG, for the model's folder and for a paper."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import seaborn
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from sklearn.metrics import precision_recall_curve, roc_curve

from screener.evaluation.calibration import reliability_bins
from screener.evaluation.drawing import (
    BLUE,
    GREY,
    ORANGE,
    Curve,
    PlottedPoint,
    complement,
    draw_curve,
    drawn,
    in_words,
)
from screener.evaluation.history import EpochRecord
from screener.evaluation.intervals import FloatArray, IntArray
from screener.evaluation.labels import CLASS_NAMES
from screener.evaluation.metrics import Evaluation, OperatingPointEvaluation, Predictions
from screener.proportions import wilson_interval


def plot_confusion_matrix(figures: OperatingPointEvaluation, path: Path) -> None:
    """Write counts and row percentages at one operating point."""
    matrix = figures.confusion_matrix
    counts = np.array([[matrix.tn, matrix.fp], [matrix.fn, matrix.tp]])
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros((2, 2)), where=totals > 0)
    texts = [f"{n:,}\n{share:.1%}" for n, share in zip(counts.flat, shares.flat, strict=True)]
    with drawn(path, 4.8, 4.4) as figure:
        axes = figure.subplots()
        seaborn.heatmap(
            shares,
            ax=axes,
            annot=np.array(texts).reshape(2, 2),
            fmt="",
            annot_kws={"fontsize": 15},
            cmap="Blues",
            vmin=0,
            vmax=1.15,  # the darkest blue would swallow the figures
            cbar=False,  # the percentages say it
            square=True,
            linewidths=3,
            xticklabels=["not flagged", "flagged"],
            yticklabels=[f"{name}\n(n = {n:,})" for name, n in zip(CLASS_NAMES, totals[:, 0], strict=True)],
        )
        axes.tick_params(length=0, rotation=0, labelsize=11)
        axes.set(ylabel="Label")
        axes.set_title(_named(figures), pad=12)


def plot_roc(predictions: Predictions, evaluation: Evaluation, path: Path) -> None:
    """Write the ROC curve with the operating points on it, their 95 % intervals as bars."""
    with drawn(path, 5.6, 5.6) as figure:
        axes = figure.subplots()
        axes.set(xlabel="1 - specificity", ylabel="Sensitivity", title="ROC curve")
        if evaluation.auc.value is None:
            _say_undefined(axes)
            return
        x, y, _ = roc_curve(predictions.labels, predictions.logits, drop_intermediate=False)
        points = tuple(
            PlottedPoint(_named(each), complement(each.specificity), each.sensitivity)
            for each in evaluation.operating_points
        )
        draw_curve(axes, Curve(x, y, f"AUC {in_words(evaluation.auc)}", 0, points))
        axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1, label="chance", zorder=1)
        axes.legend(loc="lower right")


def plot_precision_recall(predictions: Predictions, evaluation: Evaluation, path: Path) -> None:
    """Write precision against sensitivity, with the operating points and their 95 % intervals."""
    with drawn(path, 5.6, 5.6) as figure:
        axes = figure.subplots()
        axes.set(xlabel="Sensitivity (recall)", ylabel="Precision", title="Precision and recall")
        if evaluation.average_precision.value is None:
            _say_undefined(axes)
            return
        y, x, _ = precision_recall_curve(predictions.labels, predictions.logits)
        points = tuple(
            PlottedPoint(_named(each), each.sensitivity, each.precision)
            for each in evaluation.operating_points
        )
        label = f"average precision {in_words(evaluation.average_precision)}"
        draw_curve(axes, Curve(x, y, label, 1, points, steps=True))
        prevalence = float(predictions.labels.mean())
        label = f"chance (prevalence {prevalence:.3f})"
        axes.axhline(prevalence, color=GREY, linestyle=":", linewidth=1, label=label, zorder=1)
        axes.legend(loc="lower left")


def plot_reliability(predictions: Predictions, evaluation: Evaluation, path: Path) -> None:
    """Write observed share against probability, in bins of equal mass, above a histogram of probabilities."""
    here = predictions.moved(predictions.set_prevalence)
    with drawn(path, 5.6, 6.8) as figure:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
        draw_bins(upper, here.labels, here.probabilities)
        figures = f"ECE {in_words(evaluation.expected_calibration_error)}\nBrier {in_words(evaluation.brier)}"
        upper.text(0.98, 0.03, figures, transform=upper.transAxes, ha="right", va="bottom", fontsize=9)
        for value, colour, style in ((0, BLUE, "-"), (1, ORANGE, "--")):
            lower.hist(
                here.probabilities[here.labels == value],
                bins=np.linspace(0, 1, 26).tolist(),
                histtype="step",
                color=colour,
                linestyle=style,
                linewidth=1.5,
                label=CLASS_NAMES[value],
            )
        lower.set(xlabel=_scale_named(here), ylabel="Images", xlim=(-0.02, 1.02), yscale="log")
        lower.set_ylim(0.7, 8 * len(predictions.labels))  # leaves room for the legend
        lower.yaxis.set_major_formatter("{x:,.0f}")
        lower.legend(loc="upper center", ncols=2)


def plot_history(records: Sequence[EpochRecord], path: Path) -> None:
    """Write each epoch's accuracy and loss; a vertical line stands where fine-tuning (phase 2) begins."""
    epochs = [each.epoch for each in records]
    tuned = [each.epoch for each in records if each.phase == 2]
    curves = {
        "Accuracy": ([each.accuracy for each in records], [each.val_accuracy for each in records]),
        "Loss": ([each.loss for each in records], [each.val_loss for each in records]),
    }
    with drawn(path, 9, 3.8) as figure:
        panels = figure.subplots(1, 2)
        for axes, (title, (training, validation)) in zip(panels, curves.items(), strict=True):
            axes.plot(epochs, training, "o-", color=BLUE, markersize=4, label="training")
            axes.plot(epochs, validation, "s--", color=ORANGE, markersize=4, label="validation")
            if tuned:
                axes.axvline(tuned[0] - 0.5, color=GREY, linestyle=":", label="fine-tuning begins")
            axes.set(xlabel="Epoch", title=title)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        panels[0].legend(loc="lower right")


def draw_bins(axes: Axes, labels: IntArray, probabilities: FloatArray) -> None:
    """Draw the observed share against the probability, in bins of equal mass."""
    bins = reliability_bins(labels, probabilities)
    observed = np.array([each.observed for each in bins])
    ends = np.array([wilson_interval(each.ill, each.images) for each in bins])
    axes.errorbar(
        [each.mean_probability for each in bins],
        observed,
        np.abs(ends.T - observed),
        fmt="o",
        color=BLUE,
        capsize=3,
        markersize=5,
        label="bins of equal mass, 95 % Wilson intervals",
    )
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1, label="perfect calibration", zorder=1)
    axes.set(ylabel="Observed share of pneumonia", ylim=(-0.02, 1.02), title="Reliability")
    axes.legend(loc="upper left")


def _named(point: OperatingPointEvaluation) -> str:
    return f"{_spoken(point.name)} (threshold {point.threshold:.3g})"


def _scale_named(predictions: Predictions) -> str:
    if predictions.calibrated_at is None:
        return "Probability"
    return f"Probability at these images' prevalence, {predictions.calibrated_at:.3f}"


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _say_undefined(axes: Axes) -> None:
    axes.text(0.5, 0.5, "Undefined: all images are of one class", ha="center", transform=axes.transAxes)
