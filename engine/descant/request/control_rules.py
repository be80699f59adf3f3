"""Rules V64 to V83: the controls of a track."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from descant.controls import problems as form_problems
from descant.request.config_rules import ConfigReading, one_track_per_step
from descant.request.fields import nearest
from descant.request.meter_rules import METER, check_meter_index
from descant.request.problem import shown
from descant.request.prompt_reading import PromptReading

_NAMES = (METER, "pitch_mask", "rhythm_mask", "remix")


def check_controls(reading: PromptReading, config: ConfigReading) -> dict[str, Any]:
    """V64 to V83; a copy of the controls."""
    given = reading.read_object(reading.prompt.controls, "controls")
    clean = {str(name): deepcopy(value) for name, value in given.items()}
    for name in clean:
        if name not in _NAMES:
            known = ", ".join(map(repr, _NAMES))
            reading.refuse(
                "V64", f"controls has {name!r}; a track has {known}{nearest(name, _NAMES)}"
            )
    if METER in clean:
        codes = ("V65", "V66")
        index = check_meter_index(reading, clean[METER], f"controls.{METER}", codes)
        clean[METER] = clean[METER] if index is None else index
    _check_form(reading, clean, "pitch_mask", ("V70", "V71", "V72"))
    if _check_form(reading, clean, "rhythm_mask", ("V73", "V74", "V75")):
        _check_rhythm(reading, clean["rhythm_mask"], config)
    if _check_form(reading, clean, "remix", ("V79", "V80", "V81")):
        _check_remix(reading, clean, config)
    return clean


def _check_form(
    reading: PromptReading, controls: dict[str, Any], name: str, codes: tuple[str, str, str]
) -> bool:
    """Whether the control is there and well formed."""
    if name not in controls:
        return False
    on_ignored, no_object, bad_content = codes
    value = controls[name]
    if reading.ignore:
        reading.refuse(on_ignored, f"ignore is true, so controls must not have {name!r}")
    if not isinstance(value, Mapping):
        reading.refuse(no_object, f"controls.{name} is {shown(value)}; it must be an object")
        return False
    found = form_problems({name: value})
    for sentence in found:
        reading.refuse(bad_content, f"controls.{sentence}")
    return not found


def _check_rhythm(reading: PromptReading, mask: Mapping[str, Any], config: ConfigReading) -> None:
    if "positions" not in mask:
        return
    where, count = "controls.rhythm_mask.positions", reading.abilities.position_count
    late = [entry["pos"] for entry in mask["positions"] if entry["pos"] >= count]
    if not count:
        reading.refuse("V76", f"{where} is set; this model has no positions in a bar")
    elif late:
        listed = ", ".join(map(str, late))
        reading.refuse("V77", f"{where} holds pos {listed}; it must be 0 to {count - 1}")
    one_track_per_step(config, f"{reading.name}: {where}")


def _check_remix(reading: PromptReading, controls: dict[str, Any], config: ConfigReading) -> None:
    if "rhythm_mask" in controls:
        reading.refuse("V82", "controls has both remix and rhythm_mask; only one may be set")
    if not reading.abilities.position_count:
        reading.refuse("V83", "controls.remix is set; this model has no positions in a bar")
    one_track_per_step(config, f"{reading.name}: controls.remix")
