"""`descant plan`: what a request would do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from descant.cli.numbers import bars_text
from descant.cli.wish import Wish
from descant.engine import InferenceEngine
from descant.generation.prompt import Prompt
from descant.midi_file import read_midi

_ROLES = {"T": "targets", "C": "context", "M": "hidden", "A": "hidden"}


def plan_report(source: Path, wish: Wish, engine: InferenceEngine) -> list[dict[str, Any]]:
    """One entry a step: bars by role and track, and prompt and answer in tokens."""
    score = read_midi(source)
    session = engine.session(score, wish.to_request(score, engine.abilities))
    return [
        {
            "bars": [prompt.step.start_bar + 1, prompt.step.end_bar],
            "autoregressive": prompt.step.autoregressive,
            **_roles(prompt, session.session_tracks),
            "dropped_tracks": [track + 1 for track in session.dropped_context],
            "prompt_tokens": len(prompt),
            "expected_tokens": session.expected_tokens(prompt),
        }
        for prompt in session.prompts()
    ]


def _roles(prompt: Prompt, tracks: tuple[int, ...]) -> dict[str, dict[str, str]]:
    """Role -> track -> bars, all counted from 1."""
    roles: dict[str, dict[str, str]] = {"targets": {}, "context": {}, "hidden": {}}
    for track, states in sorted(prompt.states.items()):
        for role in roles:
            bars = [prompt.step.start_bar + i for i, s in enumerate(states) if _ROLES[s] == role]
            if bars:
                roles[role][str(tracks[track] + 1)] = bars_text(bars)
    return roles
