"""Absurd numbers in a project: the music opens, the window draws, and nothing of them is used."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import asdict, fields
from typing import Any

import pytest
from hands import small_score

from descant_app.application import Application
from descant_app.document.composition import Composition
from descant_app.document.generate_settings import GenerateSettings
from descant_app.document.piece import TrackId, piece_of
from descant_app.document.project_file import Project, parse_project, project_bytes

pytestmark = pytest.mark.compose
LEAD = TrackId(1)
NUMBERS = [f for f in fields(GenerateSettings) if type(f.default) in (int, float)]
HUGE = [1e300, -1e300, float("inf"), float("-inf"), -5, 10**400, 2**63]
WRONG: list[Any] = [float("nan"), "many", None, [1], {}, True]


def project_with(**changes: Any) -> bytes:
    """A project whose wishes have values that the window would not write."""
    form, out = {**Composition().to_dict(), **changes}, io.BytesIO()
    data = io.BytesIO(project_bytes(Project(piece_of(small_score()))))
    with zipfile.ZipFile(data) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, json.dumps(form) if name == "composition.json" else old.read(name))
    return out.getvalue()


@pytest.mark.parametrize("value", HUGE, ids=lambda n: f"{n}"[:9])
def test_numbers_outside_become_the_nearest_inside_and_are_named(value: float, caplog) -> None:
    form = {f.name: value for f in NUMBERS}
    read = GenerateSettings.from_dict(form)
    for f in NUMBERS:
        low, high = f.metadata["low"], f.metadata["high"]
        number = getattr(read, f.name)
        assert type(number) is type(f.default)
        assert number == (max(low, min(value, high)))
        assert value == number or f"{f.name} must be {low} to {high}" in caplog.text


@pytest.mark.parametrize("of", fields(GenerateSettings), ids=lambda f: f.name)
@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_values_of_another_kind_are_refused_by_name(of: Any, value: Any) -> None:
    if type(value) is type(of.default) and value == value:
        assert getattr(GenerateSettings.from_dict({of.name: value}), of.name) == value
        return
    with pytest.raises(ValueError, match=f"^{of.name} "):
        GenerateSettings.from_dict({of.name: value})


def test_settings_come_back_as_they_were() -> None:
    for f in NUMBERS:
        for number in (f.metadata["low"], f.default, f.metadata["high"]):
            made = GenerateSettings(**{f.name: number})
            assert GenerateSettings.from_dict(json.loads(json.dumps(asdict(made)))) == made


@pytest.mark.parametrize(
    "changes",
    [
        {"settings": {"temperature": float("nan")}},
        {"settings": {"takes": "many"}},
        {"settings": 7},
        {"hidden": [[1, -5]]},
        {"hidden": [[1, 1e300]]},
        {"hidden": 7},
        {"left_out": ["Lead"]},
        {"levels": [[1, "note_density", 2, 10**400]]},
        {"levels": [[1, "note_density", float("nan"), 3]]},
        {"levels": [[1, "note_density", 2, -1]]},
        {"levels": [[1]]},
    ],
)
def test_wishes_that_cannot_be_read_are_put_aside_and_the_music_opens(
    changes: dict[str, Any], caplog
) -> None:
    found = parse_project(project_with(**changes))
    assert found.piece == piece_of(small_score())
    assert "put aside" in caplog.text
    again = parse_project(project_bytes(found))
    assert again.extra["composition.unread.json"] == found.extra["composition.unread.json"]


def test_wishes_for_bars_that_are_not_there_are_left_out() -> None:
    found = parse_project(project_with(hidden=[[1, 3], [1, 8], [9, 0]], left_out=[2, 9]))
    assert found.piece.composition.hidden == {(LEAD, 3)}
    assert found.piece.composition.left_out == {2}


@pytest.mark.parametrize("value", HUGE, ids=lambda n: f"{n}"[:9])
def test_the_window_shows_a_project_with_absurd_numbers(whole: Application, value: float) -> None:
    settings = {f.name: value for f in NUMBERS}
    whole.document.open_piece(parse_project(project_with(settings=settings)).piece, None)
    for name, slider in whole.window.generate.controls.sliders.items():
        now = getattr(whole.document.composition.settings, name)
        assert slider.number == pytest.approx(now, abs=slider.step_size / 2)
    assert not whole.window.grab().isNull()
