"""What the lists of the generate panel offer, in words that mean something to a musician."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """One entry of a list: the settings it stands for, its name, and what it does to the music."""

    value: object
    title: str
    tip: str


MASK_MODES = (
    Choice("auto", "Automatic", "The way of hiding bars that this model was trained for."),
    Choice(
        "token",
        "Blank page",
        "Each hidden bar becomes one blank: the model knows that a bar is there, and no more.",
    ),
    Choice(
        "attention",
        "Blindfold",
        "The notes stay in their places and the model may not look at them: it feels how full the"
        " hidden bars are, not what they hold.",
    ),
    Choice(
        "attention_approx",
        "Blindfold, as midigpt",
        "The blindfold under midigpt's second name for it, so that its scripts run unchanged.",
    ),
    Choice(
        "attention_skip",
        "Skip",
        "Hidden bars are jumped over; everything else keeps its place in time. A little quicker.",
    ),
    Choice(
        "remove",
        "Cut out",
        "Hidden bars are emptied: the model takes them for silence.",
    ),
)

RHYTHMS = (
    Choice(("free", 4), "Free", "The model chooses the rhythm."),
    Choice(("keep", 4), "Keep the rhythm", "Every note keeps its place in time; pitches are new."),
    Choice(
        ("onsets", 4),
        "Same beats",
        "Notes begin only where notes begin now; how many and which is up to the model.",
    ),
    Choice(("grid", 1), "On quarters", "Notes begin on quarters only."),
    Choice(("grid", 2), "On eighths", "Notes begin on eighths only."),
    Choice(("grid", 3), "On triplets", "Notes begin on eighth triplets only."),
    Choice(("grid", 4), "On sixteenths", "Notes begin on sixteenths only."),
)
"""Values are (`rhythm`, `rhythm_grid`)."""
