"""The example pieces that ship are the ones composed in packaging/compose_examples.py."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from descant.score import Score
from descant.score.timeline import bar_starts

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "resources" / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.mid"))


def test_committed_pieces_are_the_composed_ones(tmp_path: Path) -> None:
    runpy.run_path(str(ROOT / "packaging" / "compose_examples.py"))["compose"](tmp_path)
    composed = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert composed == {path.name: path.read_bytes() for path in EXAMPLES.iterdir()}
    assert len(NAMES) == 3


@pytest.mark.parametrize("name", NAMES)
def test_pieces_are_whole_and_marked_bars_exist(name: str) -> None:
    score = Score.from_midi(EXAMPLES / f"{name}.mid")
    request = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    assert request["midi"] == f"{name}.mid"
    counts = {len(track.bars) for track in score.tracks}
    assert counts == {len(score.tracks[0].bars)}
    for prompt in request["tracks"]:
        assert 0 < len(prompt["bars"]) <= 4
        assert max(prompt["bars"]) < len(score.tracks[prompt["id"]].bars)
    assert all(track.name for track in score.tracks)
    assert bar_starts(score.tracks[0].bars, 480)[-1] > 0
