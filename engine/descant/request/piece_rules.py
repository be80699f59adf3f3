"""Rules V27 to V36: controls of the whole piece."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from descant.request.abilities import Abilities
from descant.request.fields import nearest
from descant.request.problem import Problems, shown

_NAMES = ("velocity", "microtiming", "genre")


def check_piece_controls(controls: Any, abilities: Abilities, problems: Problems) -> None:
    """Check `controls` of a request."""
    if not isinstance(controls, Mapping):
        problems.add("type", f"controls is {shown(controls)}; it must be an object")
        return
    if "velocity" in controls:
        _check_velocity(controls["velocity"], abilities, problems)
    if "microtiming" in controls:
        _check_microtiming(controls["microtiming"], abilities, problems)
    if "genre" in controls:
        _check_genre(controls["genre"], abilities, problems)
    for name in controls:
        if name not in _NAMES:
            known = ", ".join(map(repr, _NAMES))
            hint = nearest(str(name), _NAMES)
            problems.add("V36", f"controls has {name!r}; a piece's controls are {known}{hint}")


def _check_velocity(wish: Any, abilities: Abilities, problems: Problems) -> None:
    if not isinstance(wish, bool):
        problems.add("V27", f"controls.velocity is {shown(wish)}; it must be true or false")
    elif wish and not abilities.velocity_levels:
        problems.add("V28", "controls.velocity is true; this model has no velocities")
    elif not wish and not abilities.switchable_velocity:
        problems.add("V29", "controls.velocity is false; this model cannot leave velocities out")


def _check_microtiming(wish: Any, abilities: Abilities, problems: Problems) -> None:
    if not isinstance(wish, bool):
        problems.add("V30", f"controls.microtiming is {shown(wish)}; it must be true or false")
    elif wish and not (abilities.emit_delta_tokens or abilities.switchable_microtiming):
        problems.add("V31", "controls.microtiming is true; this model has no microtiming")
    elif not wish and not abilities.switchable_microtiming:
        problems.add(
            "V32", "controls.microtiming is false; this model cannot switch microtiming off"
        )


def _check_genre(wish: Any, abilities: Abilities, problems: Problems) -> None:
    if not isinstance(wish, str):
        problems.add("V33", f"controls.genre is {shown(wish)}; it must be the name of a genre")
    elif not abilities.genres:
        problems.add("V34", f"controls.genre is {wish!r}; this model knows no genres")
    elif wish.lower() not in abilities.genres:
        known = ", ".join(sorted(set(abilities.genres.values())))
        hint = nearest(wish.lower(), abilities.genres)
        problems.add("V35", f"controls.genre is {wish!r}; this model knows {known}{hint}")
