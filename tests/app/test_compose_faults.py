"""Composing when something is missing or dies: one sentence, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from composing import LEAD, done, heard, until

from descant_app.compose.composer import Composer
from descant_app.document.document import Document

pytestmark = pytest.mark.compose


def test_a_crash_costs_the_job_and_its_bars_stay_offered(composer: Composer) -> None:
    document, before = composer.document, composer.document.piece
    refused = heard(composer.refused)
    wishes = before.composition.with_settings(takes=1, bars_per_step=1, density_hard_limit=0)
    document.do("Settings", before.with_composition(wishes))
    document.selection.set_bars((LEAD, bar) for bar in range(8))
    until(lambda: composer.model)
    composer.generate()
    until(lambda: composer.job is not None and composer.job.bars >= 1)
    assert composer.link.process is not None
    composer.link.process.kill()
    done(composer)
    assert refused == ["The model stopped unexpectedly; it starts again when needed."]
    assert [take.complete for take in document.takes.takes.values()] == [False]
    assert document.score == before.score
    document.selection.set_bars([(LEAD, 1)])
    composer.generate()
    done(composer)
    assert list(document.takes.takes.values())[-1].complete


def test_a_model_that_cannot_be_loaded_leaves_the_old_one(composer: Composer) -> None:
    document = composer.document
    until(lambda: composer.model)
    refused = heard(composer.refused)
    wishes = document.composition.with_settings(model="no/such.safetensors")
    document.do("Model", document.piece.with_composition(wishes))
    until(lambda: refused)
    assert "no/such.safetensors" in refused[0]
    assert refused[0].endswith("random stays loaded.")
    composer.generate()
    done(composer)
    assert document.takes.takes


def test_without_any_model_the_reason_is_said(
    document: Document, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DESCANT_MODEL", str(tmp_path / "gone.safetensors"))
    composer = Composer(document)
    refused = heard(composer.refused)
    composer.start()
    document.selection.set_bars([(LEAD, 2)])
    composer.generate()
    done(composer)
    composer.close()
    assert refused
    assert all("gone.safetensors" in reason for reason in refused)


def test_a_process_that_cannot_start_is_said_and_costs_nothing(document: Document) -> None:
    composer = Composer(document, starts_with=["/no/such/program"])
    refused = heard(composer.refused)
    composer.start()
    document.selection.set_bars([(LEAD, 2)])
    composer.generate()
    assert composer.job is None
    assert refused == ["The model's process cannot be started: No such file or directory."]
