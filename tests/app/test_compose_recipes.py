"""A take made again by the command and the script that the window gives for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from composing import BASS, DRUMS, LEAD, done, until

from descant.midi_file import midi_bytes, parse_midi, write_midi
from descant.score.types import Score
from descant_app.compose.composer import Composer

pytestmark = pytest.mark.compose


@pytest.mark.parametrize("by_options", [True, False])
def test_a_command_line_and_a_script_make_the_same_take(
    composer: Composer, tmp_path: Path, by_options: bool
) -> None:
    document = composer.document
    wishes = document.composition.with_hidden([(BASS, 2), (DRUMS, 3)], True)
    wishes = wishes.with_levels((LEAD, "bar_note_density"), {2: 3, 3: 5})
    wishes = wishes.with_settings(density_hard_limit=0 if by_options else 4, temperature=0.9)
    document.do("Wishes", document.piece.with_composition(wishes))
    until(lambda: composer.model)
    composer.generate()
    done(composer)
    take = document.takes.takes[document.takes.shown or 0]
    write_midi(document.score, tmp_path / "song.mid")
    document.set_path(tmp_path / "song.mid")
    line, script = composer.as_command_line(take.id), composer.as_python(take.id)
    assert ("--request" in line) is not by_options
    commands = [["sh", "-e", "-c", line]]
    if not by_options:
        commands.append([sys.executable, "-c", script])
    wanted = notes_of(parse_midi(midi_bytes(document.heard_score)))
    for command in commands:
        assert notes_of(made_by(command, tmp_path, take.id)) == wanted


def notes_of(score: Score) -> list[list[list[int]]]:
    """Pitch, velocity, onset and duration of the notes of each bar of the first track."""
    return [bar.notes.array[:, :4].tolist() for bar in score.tracks[0].bars]


def made_by(command: list[str], folder: Path, take: int) -> Score:
    """What a command wrote."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    made = folder / f"song-take-{take}.mid"
    score = Score.from_midi(made)
    made.unlink()
    return score
