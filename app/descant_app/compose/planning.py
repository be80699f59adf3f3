"""What a press would do: the plan of a session, worked out and not run."""

from __future__ import annotations

from descant.engine import InferenceEngine
from descant.errors import DescantError, RequestValidationError
from descant.generation import SamplingSession
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


def plan(engine: InferenceEngine, piece: Piece, ask: Ask, speed: Speed) -> Outlook:
    """The outlook of an ask; problems instead of a plan when it cannot be met."""
    about = ask.about(piece)
    wanted = build_request(about, ask.bars, engine.abilities)
    if wanted.problems:
        return Outlook(problems=tuple(wanted.problems))
    try:
        session = engine.session(about.score, wanted.request)
        steps = _steps(session, about)
    except RequestValidationError as error:
        return Outlook(problems=tuple(map(sentence, error.problems)))
    except DescantError as error:
        return Outlook(problems=(sentence(str(error)),))
    dropped = tuple(about.lanes[index].id for index in session.dropped_context)
    takes = 1 if ask.compare else ask.composition.settings.takes
    seconds = speed.seconds(steps, takes)
    return Outlook(_roles(session, about, steps), steps, dropped, seconds)


def _steps(session: SamplingSession, piece: Piece) -> tuple[StepOutlook, ...]:
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
        for prompt in session.prompts()
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
