"""Every number of the generate panel, once: its step, its words, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

from descant_app.document.generate_settings import GenerateSettings
from descant_app.panels.generate_slider import BarSlider
from descant_app.settings.translation import N_, tr

_SETTINGS = {field.name: field for field in fields(GenerateSettings)}
_MOODS = (
    (0.6, N_("steady")),
    (0.85, N_("calm")),
    (1.1, N_("natural")),
    (1.35, N_("lively")),
    (9.0, N_("wild")),
)
_WILLS = (
    (1.05, N_("as trained")),
    (1.75, N_("loosely")),
    (2.75, N_("closely")),
    (9, N_("to the letter")),
)


@dataclass(frozen=True)
class Knob:
    """One number of `GenerateSettings`; `tip` says what it does to the music."""

    name: str
    caption: str
    step: float
    words: Callable[[float], str]
    tip: str

    @property
    def low(self) -> float:
        return float(_SETTINGS[self.name].metadata["low"])

    @property
    def high(self) -> float:
        return float(_SETTINGS[self.name].metadata["high"])

    @property
    def usual(self) -> float:
        return float(_SETTINGS[self.name].default)

    def slider(self) -> BarSlider:
        """A slider for it."""
        made = BarSlider(tr(self.caption), self.low, self.high, self.step, self.usual, self.words)
        made.tip = tr(self.tip)
        made.setToolTip(made.tip)
        return made

    def value(self, number: float) -> float:
        """A slider's number as the settings hold it."""
        return type(_SETTINGS[self.name].default)(number)  # type: ignore[no-any-return]


def _mood(value: float) -> str:
    word = next(word for most, word in _MOODS if value < most)
    return f"{tr(word)}  {value:.2f}"


def _obedience(value: float) -> str:
    word = next(word for most, word in _WILLS if value < most)
    return f"{tr(word)}  {value:.1f}"


def _change(value: float) -> str:
    return tr("everything") if value >= 1 else f"{value:.0%}"


def _count(off: str) -> Callable[[float], str]:
    return lambda value: tr(off) if value == 0 else f"{value:.0f}"


def _share(off: float) -> Callable[[float], str]:
    return lambda value: tr("off") if value == off else f"{value:.2f}"


TEMPERATURE = Knob(
    "temperature", N_("Temperature"), 0.05, _mood,
    N_("How bold the model is. Steady stays close to what is most likely, wild surprises."
       " Double-click for natural."),
)  # fmt: skip
TAKES = Knob(
    "takes", N_("Takes"), 1, lambda value: f"{value:.0f}",
    N_("How many answers are written side by side. More cost little more time."),
)  # fmt: skip
REMIX = Knob(
    "remix", N_("Change"), 0.05, _change,
    N_("How much of the bars may change. Below everything, notes keep their places in time and only"
    " this share of them is written anew."),
)  # fmt: skip
ADVANCED = (
    Knob(
        "level_guidance", N_("Follow levels"), 0.25, _obedience,
        N_("How far painted levels are followed, at the cost of what the model would rather write."
           " It tells only where bars have levels."),
    ),
    Knob(
        "top_p", N_("Likely only (top-p)"), 0.01, _share(1.0),
        N_("Choose only among the likely notes that make up this share. Lower is safer."),
    ),
    Knob(
        "top_k", N_("Best choices (top-k)"), 1, _count(N_("off")),
        N_("Choose only among this many of the likeliest notes. Lower is safer."),
    ),
    Knob(
        "mask_p", N_("Avoid the obvious (mask-p)"), 0.05, _share(0.0),
        N_("Never take the most likely notes that make up this share. Higher is stranger."),
    ),
    Knob(
        "mask_k", N_("Avoid the first (mask-k)"), 1, _count(N_("off")),
        N_("Never take this many of the likeliest notes. Higher is stranger."),
    ),
    Knob(
        "polyphony_hard_limit", N_("Notes at once"), 1, _count(N_("no limit")),
        N_("The most notes that may begin together in a track: 1 writes no chords."),
    ),
    Knob(
        "density_hard_limit", N_("Notes a bar"), 1, _count(N_("no limit")),
        N_("The most notes that may begin in one bar of a track."),
    ),
    Knob(
        "bars_per_step", N_("Bars at a time"), 1, _count(N_("automatic")),
        N_("How many bars are written in one go. Fewer looks again at what was just written, more"
           " is quicker."),
    ),
)  # fmt: skip
