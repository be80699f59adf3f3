"""Rules V62 to V68: the meters that bars of a track are asked to have."""

from __future__ import annotations

from typing import Any

from descant.request import values
from descant.request.attribute_rules import check_bar_key
from descant.request.fields import nearest
from descant.request.problem import shown, track_name
from descant.request.prompt_reading import PromptReading
from descant.request.score_rules import meter_list

METER = "time_signature"
AskedMeters = dict[int, tuple[int | None, int]]
"""The first wish for each bar: track id and meter index."""


def check_bar_controls(reading: PromptReading, asked: AskedMeters) -> dict[int, dict[str, Any]]:
    """V62 to V68; the clean controls by bar."""
    clean = {}
    given = reading.read_object(reading.prompt.bar_controls, "bar_controls")
    for key, controls in given.items():
        bar = check_bar_key(reading, key, "bar_controls", ("V62", "V63"))
        if bar is not None:
            where = f"bar_controls[{bar}]"
            clean[bar] = dict(reading.read_object(controls, where))
            _check_bar(reading, bar, clean[bar], asked)
    return clean


def check_meter_index(
    reading: PromptReading, wish: Any, where: str, codes: tuple[str, str]
) -> int | None:
    """The index if the encoder has a meter there; V65/V66 or V65b/V66b otherwise."""
    index, meters = values.whole(wish), reading.abilities.meters
    if index is None:
        reading.refuse("type", f"{where} is {shown(wish)}; it must be the index of a meter")
    elif not meters:
        reading.refuse(codes[0], f"{where} is {index}; this model has no meters")
    elif not 0 <= index < len(meters):
        allowed = f"0 to {len(meters) - 1}, one of {meter_list(reading.abilities)}"
        reading.refuse(codes[1], f"{where} is {index}; it must be {allowed}")
    else:
        return index
    return None


def _check_bar(
    reading: PromptReading, bar: int, controls: dict[str, Any], asked: AskedMeters
) -> None:
    for name in controls:
        if name != METER:
            where = f"bar_controls[{bar}]"
            hint = nearest(str(name), [METER])
            reading.refuse("V64b", f"{where} has {name!r}; a bar only has {METER!r}{hint}")
    if METER in controls:
        where = f"bar_controls[{bar}].{METER}"
        index = check_meter_index(reading, controls[METER], where, ("V65b", "V66b"))
        if index is not None:
            controls[METER] = index
            _check_agreement(reading, bar, index, asked)


def _check_agreement(reading: PromptReading, bar: int, index: int, asked: AskedMeters) -> None:
    other, meter = asked.setdefault(bar, (reading.track_id, index))
    numerator, denominator = reading.abilities.meters[index]
    if meter != index:
        theirs = "{}/{}".format(*reading.abilities.meters[meter])
        who = track_name(other) if other is not None else "another track"
        reading.refuse_bar(
            "V67", bar, f"asks for {numerator}/{denominator}; {who} asks for {theirs} there"
        )
    track = reading.track
    if track is None or not 0 <= bar < len(track.bars):
        return
    if track.bars[bar].meter != (numerator, denominator):
        current = "{}/{}".format(*track.bars[bar].meter)
        reading.refuse_bar(
            "V68",
            bar,
            f"asks for {numerator}/{denominator}; the bar is in {current} and a meter can only "
            "be restated",
        )
