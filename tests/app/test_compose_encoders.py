"""Models of every encoder that ships, in the window and its process: they load, show their lanes,
measure, plan and write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_models import saved_model

from descant.encoder_config import shipped_encoders
from descant_app.application import Application

pytestmark = pytest.mark.compose
LEAD, DRUMS = 0, 2
PATIENCE_MS = 60_000


@pytest.fixture
def window(whole: Application) -> Iterator[Application]:
    yield whole
    whole.composer.close()


def test_models_of_every_shipped_encoder_are_at_home_in_the_window(
    window: Application, tmp_path: Path, qtbot
) -> None:
    composer, document, pane = window.composer, window.document, window.window.pane
    refused: list[str] = []
    composer.refused.connect(refused.append)
    tracks = [lane.id for lane in document.lanes]
    for number, encoder in enumerate(shipped_encoders(), 1):
        (tmp_path / encoder).mkdir()
        model = str(saved_model(tmp_path / encoder, encoder))
        wishes = document.composition.with_settings(
            model=model, takes=1, seed=number, density_hard_limit=3
        )
        document.do("Set model", document.piece.with_composition(wishes))
        with qtbot.waitSignal(composer.model_changed, timeout=PATIENCE_MS):
            composer.start()
        assert (encoder, refused) == (encoder, [])
        for track in (LEAD, DRUMS):
            document.selection.set_track(tracks[track])
            pane.show_levels(list(pane.levels.buttons))
            assert (encoder, sorted(pane.levels.shown)) == (encoder, sorted(pane.levels.buttons))
            assert pane.levels.lanes
            qtbot.waitUntil(lambda t=track: composer.measured(tracks[t]), timeout=PATIENCE_MS)
            assert not window.window.grab().isNull()
        document.selection.set_bars([(tracks[LEAD], 2)])
        qtbot.waitUntil(lambda: composer.outlook.ready, timeout=PATIENCE_MS)
        composer.generate()
        qtbot.waitUntil(lambda: composer.job is None, timeout=PATIENCE_MS)
        assert (encoder, refused) == (encoder, [])
        assert len(document.takes.batches) == number
        document.selection.set_bars([])
        qtbot.waitUntil(lambda: not composer.outlook.ready, timeout=PATIENCE_MS)
