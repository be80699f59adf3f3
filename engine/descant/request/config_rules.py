"""Rules V01 to V26: the configuration, field by field, in upstream's order."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from descant.request import values
from descant.request.abilities import Abilities
from descant.request.config import AUTO, CONTEXT_MODES, MASK_MODES, InferenceConfig
from descant.request.fields import log, nearest
from descant.request.problem import Problems, shown

Reader = Callable[[Any], Any]

_KINDS: dict[Reader, str] = {
    values.whole: "a whole number",
    values.window: "a whole number",
    values.number: "a number",
    values.flag: "true or false",
    values.word: "a word",
    values.indexes: "a list of track ids",
}
_MAX_CANDIDATES = 16
_MAX_ESCALATION = 3.0
_SEED_LIMIT = 2**64


@dataclass
class ConfigReading:
    """The configuration being checked; `clean` gathers the values that are of the right kind."""

    config: InferenceConfig
    abilities: Abilities
    prompt_ids: Collection[Any]
    shortest: int
    problems: Problems
    clean: dict[str, Any]

    def read(self, field: str, reader: Reader) -> Any:
        """The clean value of a field, or None after reporting one of the wrong kind."""
        given = getattr(self.config, field)
        value = reader(given)
        if value is None:
            self.problems.add("type", f"{field} is {shown(given)}; it must be {_KINDS[reader]}")
        else:
            self.clean[field] = value
        return value

    def refuse(self, code: str, field: str, allowed: str) -> None:
        """Report a value outside its range."""
        given = shown(getattr(self.config, field))
        self.problems.add(code, f"{field} is {given}; it must be {allowed}")


Rule = Callable[[ConfigReading], None]


def _limit(
    code: str, field: str, reader: Reader, holds: Callable[[Any], bool], allowed: str
) -> Rule:
    def rule(reading: ConfigReading) -> None:
        value = reading.read(field, reader)
        if value is not None and not holds(value):
            reading.refuse(code, field, allowed)

    return rule


def _kind(field: str, reader: Reader) -> Rule:
    return _limit("type", field, reader, lambda value: True, "")


def _window(reading: ConfigReading) -> None:
    size = reading.read("model_dim", values.window)
    if size is None:
        return
    if size <= 0:
        reading.clean["model_dim"] = reading.abilities.auto_window(reading.shortest)
    elif reading.abilities.num_bars_map and size not in reading.abilities.num_bars_map:
        sizes = ", ".join(map(str, reading.abilities.num_bars_map))
        reading.refuse("V01", "model_dim", f'"auto" or a window this model knows: {sizes}')


def _bars_per_step(reading: ConfigReading) -> None:
    bars, size = reading.read("bars_per_step", values.whole), reading.clean.get("model_dim")
    if bars is None:
        return
    if bars < 0:
        reading.refuse("V02", "bars_per_step", '1 or more, or 0 for "auto"')
    elif size is not None and bars > size:
        reading.refuse("V03", "bars_per_step", f"at most the window's {size} bars (model_dim)")


def _context_ids(field: str) -> Rule:
    def rule(reading: ConfigReading) -> None:
        ids = reading.read(field, values.indexes) or []
        unknown = [track for track in ids if track not in reading.prompt_ids]
        if unknown:
            listed = ", ".join(map(str, unknown))
            known = sorted(i for i in reading.prompt_ids if isinstance(i, int))
            reading.problems.add(
                "V07", f"{field} names track id {listed}; the request has prompts for ids {known}"
            )

    return rule


def _candidates(reading: ConfigReading) -> None:
    count = reading.read("num_candidates", values.whole)
    if count is not None and not 1 <= count <= _MAX_CANDIDATES:
        code = "V11" if count < 1 else "V12"
        reading.refuse(code, "num_candidates", f"1 to {_MAX_CANDIDATES}")


def _escalation(reading: ConfigReading) -> None:
    factor = reading.read("temperature_escalation", values.number)
    if factor is None:
        return
    if factor < 1:
        reading.refuse("V15", "temperature_escalation", "1 or more (above 3 counts as 3)")
    elif factor > _MAX_ESCALATION:
        log.warning("temperature_escalation %g is above 3 and counts as 3", factor)
        reading.clean["temperature_escalation"] = _MAX_ESCALATION


def _head_and_tail(code: str, mask: str, top: str, off: float) -> Rule:
    """The dropped head must be smaller than the kept part, or nothing is left."""

    def rule(reading: ConfigReading) -> None:
        dropped, kept = reading.clean.get(mask), reading.clean.get(top)
        if dropped is None or kept is None or kept == off:
            return
        if dropped >= kept > 0:
            reading.refuse(code, mask, f"below {top}, which is {kept}")

    return rule


def _context(reading: ConfigReading) -> None:
    mode = reading.read("context", values.word)
    if mode is not None and mode not in CONTEXT_MODES:
        reading.refuse("V06", "context", _one_of(CONTEXT_MODES) + nearest(mode, CONTEXT_MODES))


def _one_of(words: tuple[str, ...]) -> str:
    return "one of " + ", ".join(map(repr, words))


_RULES: tuple[Rule, ...] = (
    _window,
    _bars_per_step,
    _limit("V04", "tracks_per_step", values.whole, lambda v: v >= 0, '1 or more, or 0 for "auto"'),
    _limit("V05", "ar_overlap", values.number, lambda v: 0 <= v < 1, "at least 0 and below 1"),
    _context,
    _context_ids("context_drop"),
    _context_ids("context_keep"),
    _limit("V08", "budget_margin", values.number, lambda v: v >= 1, "1 or more"),
    _limit("V09", "min_overlap_bars", values.whole, lambda v: v >= 0, "0 or more"),
    _limit("V10", "max_attempts", values.whole, lambda v: v >= 1, "1 or more"),
    _candidates,
    _limit("V13", "temperature", values.number, lambda v: v > 0, "above 0"),
    _limit(
        "V14", "infill_probability", values.number, lambda v: 0 < v <= 1, "above 0 and at most 1"
    ),
    _escalation,
    _limit("V16", "top_p", values.number, lambda v: 0 < v <= 1, "above 0 and at most 1 (off)"),
    _limit(
        "V17", "novelty_threshold", values.number, lambda v: 0 < v <= 1, "above 0 and at most 1"
    ),
    _limit("V18", "mask_p", values.number, lambda v: 0 <= v < 1, "at least 0 (off) and below 1"),
    _limit("V19a", "top_k", values.whole, lambda v: v >= 0, "0 (off) or more"),
    _limit("V19b", "mask_k", values.whole, lambda v: v >= 0, "0 (off) or more"),
    _head_and_tail("V20", "mask_p", "top_p", off=1.0),
    _limit("D03", "level_guidance", values.number, lambda v: 0 <= v <= 10, "0 to 10 (1 is off)"),
    _head_and_tail("V21", "mask_k", "top_k", off=0),
    _limit("D01", "seed", values.whole, lambda v: v < _SEED_LIMIT, "below 2**64"),
    *(_kind(f, values.whole) for f in ("polyphony_hard_limit", "density_hard_limit")),
    *(
        _kind(f, values.flag)
        for f in ("novelty_check", "silence_check", "plan_only", "shuffle", "batch_attempts")
    ),
)


def check_config(reading: ConfigReading) -> None:
    """Apply V01 to V21; afterwards `reading.clean` holds every acceptable value."""
    for rule in _RULES:
        rule(reading)


def check_mask_mode(reading: ConfigReading) -> None:
    """V26; unlike upstream an unknown word is refused, since it would leave masked bars visible."""
    mode, has_mask_bar = reading.read("mask_mode", values.word), reading.abilities.has_mask_bar
    if mode == "auto":
        reading.clean["mask_mode"] = "token" if has_mask_bar else "attention"
    elif mode == "token" and not has_mask_bar:
        reading.refuse("V26", "mask_mode", "another mode, as this model has no MaskBar token")
    elif mode is not None and mode not in MASK_MODES:
        reading.refuse("D02", "mask_mode", _one_of(MASK_MODES) + nearest(mode, MASK_MODES))


def one_track_per_step(reading: ConfigReading, where: str) -> None:
    """V78: some controls follow one track's bars; "auto" becomes 1."""
    tracks = reading.clean.get("tracks_per_step")
    if tracks == AUTO:
        reading.clean["tracks_per_step"] = 1
    elif tracks is not None and tracks > 1:
        reading.problems.add(
            "V78", f'{where} needs tracks_per_step to be 1 or "auto"; it is {tracks}'
        )
