"""What training writes down after each epoch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """One pass over the training images.

    epoch: 1, 2, …, counted on through both phases. phase: 1 trains the head alone, 2 fine-tunes.
    loss, accuracy: on training images; val_*: on validation images; accuracies and AUC in 0..1.
    learning_rate: the optimiser's, at the end of the epoch. seconds: validation included.
    """

    epoch: int
    phase: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    val_auc: float
    learning_rate: float
    seconds: float
