"""Rules V51 to V61: attribute levels of a track and of its bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from descant.request import values
from descant.request.abilities import AttributeAbility
from descant.request.fields import nearest
from descant.request.problem import shown
from descant.request.prompt_reading import PromptReading


@dataclass(frozen=True)
class _Codes:
    """Where levels stand and the codes of what may be wrong with them."""

    level: str
    unknown: str
    misplaced: str
    outside: str
    melodic_only: str
    drum_only: str


_TRACK = _Codes("track", "V51", "V52", "V53", "V54", "V55")
_BAR = _Codes("bar", "V58", "V59", "V60", "V61", "V61")
_OTHER_PLACE = {"track": "attributes", "bar": "bar_attributes"}


def check_attributes(reading: PromptReading) -> dict[str, int]:
    """V51 to V55; the clean levels."""
    given = reading.read_object(reading.prompt.attributes, "attributes")
    return _check_levels(reading, given, "attributes", _TRACK)


def check_bar_attributes(reading: PromptReading) -> dict[int, dict[str, int]]:
    """V56 to V61; the clean levels by bar."""
    clean = {}
    given = reading.read_object(reading.prompt.bar_attributes, "bar_attributes")
    for key, levels in given.items():
        bar = check_bar_key(reading, key, "bar_attributes", ("V56", "V57"))
        if bar is not None:
            where = f"bar_attributes[{bar}]"
            levels = reading.read_object(levels, where)
            clean[bar] = _check_levels(reading, levels, where, _BAR)
    return clean


def check_bar_key(
    reading: PromptReading, key: Any, name: str, codes: tuple[str, str]
) -> int | None:
    """A bar that is addressed must exist (first code) and be written (second code)."""
    bar = values.whole(key)
    if bar is None:
        reading.refuse("type", f"{name} has the key {shown(key)}; it must be a bar index")
        return None
    if reading.bar_count is not None and not 0 <= bar < reading.bar_count:
        reading.refuse_outside(codes[0], name, [bar])
    elif bar not in reading.bars:
        reading.refuse_bar(codes[1], bar, f"{name} names a bar that is not in bars")
    return bar


def _check_levels(reading: PromptReading, given: Any, where: str, codes: _Codes) -> dict[str, int]:
    clean = {}
    for name, wish in given.items():
        level = values.whole(wish)
        if level is None:
            reading.refuse("type", f"{where}.{name} is {shown(wish)}; it must be a whole number")
            continue
        clean[name] = level
        if reading.abilities.attributes:
            _check_level(reading, name, level, where, codes)
    return clean


def _check_level(reading: PromptReading, name: str, level: int, where: str, codes: _Codes) -> None:
    known = reading.abilities.attributes
    attribute = known.get(name)
    if attribute is None:
        usable = sorted(a.name for a in known.values() if a.level == codes.level)
        listed = ", ".join(usable) if usable else f"no attributes of a {codes.level}"
        hint = nearest(str(name), known)
        reading.refuse(codes.unknown, f"{where} has {name!r}; this model knows {listed}{hint}")
    elif attribute.level != codes.level:
        place = _OTHER_PLACE[attribute.level]
        reading.refuse(codes.misplaced, f"{where}.{name} belongs to a {attribute.level}: {place}")
    elif not 0 <= level < attribute.size:
        reading.refuse(
            codes.outside, f"{where}.{name} is {level}; it must be 0 to {attribute.size - 1}"
        )
    else:
        _check_track_type(reading, attribute, where, codes)


def _check_track_type(
    reading: PromptReading, attribute: AttributeAbility, where: str, codes: _Codes
) -> None:
    track = reading.track
    if track is None or attribute.fits(track.is_drum):
        return
    code = codes.melodic_only if track.is_drum else codes.drum_only
    kind = "drum" if track.is_drum else "melodic"
    reading.refuse(code, f"{where}.{attribute.name} is a level that {kind} tracks do not have")
