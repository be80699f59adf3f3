"""The picture of a score: its size, where things are, and what it says when it cannot be made."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from descant.errors import DescantError
from descant.picture import BACKGROUND, LANES, TARGET, VOICES, draw_roll
from descant.score import Bar, Note, Score, Track

SCORE = Score(
    (
        Track((Bar([Note(60, 127, 0, 960)]), Bar())),
        Track((Bar(), Bar([Note(36, 127, 0, 10)])), track_type="drum", name="A very long name"),
    )
)


def drawn(path: Path, score: Score = SCORE, **options: object) -> Image.Image:
    draw_roll(score, path / "roll.png", **options)  # type: ignore[arg-type]
    return Image.open(path / "roll.png").convert("RGB")


def colours(image: Image.Image, box: tuple[int, int, int, int]) -> set[tuple[int, ...]]:
    counted = image.crop(box).getcolors(1 << 20)
    assert counted is not None
    return {colour for _, colour in counted if isinstance(colour, tuple)}


def has_target_edge(image: Image.Image, box: tuple[int, int, int, int]) -> bool:
    """Whether the line above a marked bar is there, but for what reducing the picture blends."""
    differences = (
        max(abs(a - b) for a, b in zip(colour, TARGET, strict=True))
        for colour in colours(image, box)
    )
    return min(differences) < 30


def test_lanes_notes_and_targets_are_where_they_belong(tmp_path: Path) -> None:
    image = drawn(tmp_path, highlight={(0, 1)})
    assert image.size[0] == 1600
    first_bar, second_bar = (165, 52, 860, 140), (900, 52, 1560, 140)
    assert VOICES[0] in colours(image, first_bar)
    assert not has_target_edge(image, (165, 48, 860, 54))
    assert has_target_edge(image, (900, 48, 1560, 54))
    assert VOICES[0] not in colours(image, second_bar)
    assert LANES[0] not in colours(image, second_bar)
    assert image.getpixel((5, 5)) == BACKGROUND


def test_before_and_after_stand_above_each_other(tmp_path: Path) -> None:
    single = drawn(tmp_path).size[1]
    both = drawn(tmp_path, before=SCORE, title="Twice").size[1]
    assert both > 1.8 * single


@pytest.mark.parametrize("score", [Score(), Score((Track(),)), Score((Track((Bar(),) * 500),))])
def test_any_score_can_be_drawn(tmp_path: Path, score: Score) -> None:
    assert drawn(tmp_path, score, highlight={(7, 7)}).size[0] == 1600


def test_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DescantError, match="cannot write"):
        drawn(tmp_path / "none")
