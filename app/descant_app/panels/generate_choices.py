"""What the lists of the generate panel offer, in words that mean something to a musician."""

from __future__ import annotations

from dataclasses import dataclass

from descant_app.settings.translation import N_


@dataclass(frozen=True)
class Choice:
    """One entry of a list: the settings it stands for, its name, and what it does to the music."""

    value: object
    title: str
    tip: str


MASK_MODES = (
    Choice("auto", N_("Automatic"), N_("The way of hiding bars that this model was trained for.")),
    Choice(
        "token",
        N_("Blank page"),
        N_("Each hidden bar becomes one blank: the model knows that a bar is there, and no more."),
    ),
    Choice(
        "attention",
        N_("Blindfold"),
        N_(
            "The notes stay in their places and the model may not look at them: it feels how full"
            " the hidden bars are, not what they hold."
        ),
    ),
    Choice(
        "attention_approx",
        N_("Blindfold, as midigpt"),
        N_("The blindfold under midigpt's second name for it, so that its scripts run unchanged."),
    ),
    Choice(
        "attention_skip",
        N_("Skip"),
        N_(
            "Hidden bars are jumped over; everything else keeps its place in time. A little"
            " quicker."
        ),
    ),
    Choice(
        "remove",
        N_("Cut out"),
        N_("Hidden bars are emptied: the model takes them for silence."),
    ),
)

RHYTHMS = (
    Choice(("free", 4), N_("Free"), N_("The model chooses the rhythm.")),
    Choice(
        ("keep", 4),
        N_("Keep the rhythm"),
        N_("Every note keeps its place in time; pitches are new."),
    ),
    Choice(
        ("onsets", 4),
        N_("Same beats"),
        N_("Notes begin only where notes begin now; how many and which is up to the model."),
    ),
    Choice(("grid", 1), N_("On quarters"), N_("Notes begin on quarters only.")),
    Choice(("grid", 2), N_("On eighths"), N_("Notes begin on eighths only.")),
    Choice(("grid", 3), N_("On triplets"), N_("Notes begin on eighth triplets only.")),
    Choice(("grid", 4), N_("On sixteenths"), N_("Notes begin on sixteenths only.")),
)
"""Values are (`rhythm`, `rhythm_grid`)."""
