"""What a press would do: the plan of a session, worked out and not run."""

from __future__ import annotations

from collections.abc import Sequence

from descant.engine import InferenceEngine
from descant.errors import DescantError, RequestValidationError
from descant.generation import SamplingSession
from descant.generation.prompt import Prompt
from descant.model.hiding import NetworkInput
from descant_app.compose.ask import Ask
from descant_app.compose.outlook import (
    CONTEXT,
    HIDDEN,
    LEFT_OUT,
    LOCKED,
    TARGET,
    Outlook,
    StepOutlook,
)
from descant_app.compose.request import build_request
from descant_app.compose.speed import Speed
from descant_app.compose.words import sentence
from descant_app.document.composition import BarCell
from descant_app.document.piece import Piece


def plan(
    engine: InferenceEngine, piece: Piece, ask: Ask, speed: Speed
) -> tuple[Outlook, NetworkInput | None]:
    """The outlook of an ask, and what the network will read first.

    Problems instead of a plan when it cannot be met.
    """
    about = ask.about(piece)
    wanted = build_request(about, ask.bars, engine.abilities)
    if wanted.problems:
        return Outlook(problems=tuple(wanted.problems)), None
    try:
        session = engine.session(about.score, wanted.request)
        prompts = session.prompts()
    except RequestValidationError as error:
        return Outlook(problems=tuple(map(sentence, error.problems))), None
    except DescantError as error:
        return Outlook(problems=(sentence(str(error)),)), None
    steps = _steps(session, prompts, about)
    dropped = tuple(about.lanes[index].id for index in session.dropped_context)
    takes = 1 if ask.compare else ask.composition.settings.takes
    seconds = speed.seconds(steps, takes)
    outlook = Outlook(_roles(session, about, steps), steps, dropped, seconds)
    return outlook, prompts[0].network_input() if prompts else None


def _steps(
    session: SamplingSession, prompts: Sequence[Prompt], piece: Piece
) -> tuple[StepOutlook, ...]:
    tracks = session.session_tracks
    return tuple(
        StepOutlook(
            first=prompt.step.start_bar,
            last=prompt.step.end_bar - 1,
            autoregressive=prompt.step.autoregressive,
            targets=frozenset(
                (piece.lanes[tracks[track]].id, bar) for track, bar in prompt.step.targets
            ),
            prompt_tokens=len(prompt),
            expected_tokens=session.expected_tokens(prompt),
        )
        for prompt in prompts
    )


def _roles(
    session: SamplingSession, piece: Piece, steps: tuple[StepOutlook, ...]
) -> dict[BarCell, str]:
    seen = {bar for step in steps for bar in range(step.first, step.last + 1)}
    targets = {cell for step in steps for cell in step.targets}
    shown = set(session.session_tracks)
    roles = {}
    for index, lane in enumerate(piece.lanes):
        for bar in seen:
            cell = (lane.id, bar)
            if cell in targets:
                roles[cell] = TARGET
            elif index not in shown:
                roles[cell] = LEFT_OUT
            elif cell in piece.composition.hidden:
                roles[cell] = HIDDEN
            else:
                roles[cell] = LOCKED if lane.locked else CONTEXT
    return roles
