"""From a step to the tokens the model is shown.  Source: spec/generation.md 5.2 to 5.5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from descant.generation.piece import Piece
from descant.model.hiding import NetworkInput, Span, network_input
from descant.native import EncodeOptions
from descant.plan import Cell, Step
from descant.request import InferenceConfig, TrackPrompt
from descant.target_headers import TargetHeaders
from descant.tokens import Codec

if TYPE_CHECKING:
    from descant.native import Encoded

Ids = npt.NDArray[np.int32]

ATTENTION_MODES = ("attention", "attention_approx", "attention_skip")


@dataclass(frozen=True)
class Prompt:
    """A step's prompt: ids (T,) int32, the spans of hidden bars, and what lies where.

    `order` is the session tracks in the order they are written; `states` says of each bar of the
    window, by session track, whether it is target (T), context (C), hidden by a token (M) or by
    attention (A).  `headers` are the tokens said again behind each FillInStart, by target.
    """

    step: Step
    order: tuple[int, ...]
    states: dict[int, str]
    encoded: Encoded
    ids: Ids
    hidden: tuple[Span, ...]
    mask_mode: str
    headers: tuple[tuple[int, ...], ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def network_input(self, skip_gap: int = 0) -> NetworkInput:
        """What the network gets, according to the mask mode."""
        return network_input(self.ids, self.hidden, self.mask_mode, skip_gap=skip_gap)

    def track_tokens(self) -> dict[int, Span]:
        """The tokens of each session track, Track to TrackEnd."""
        return {
            track: (int(begin), int(end))
            for track, (begin, end) in zip(self.order, self.encoded.tracks, strict=True)
        }


class PromptBuilder:
    """Makes the prompts of one session."""

    def __init__(
        self,
        codec: Codec,
        prompts: Sequence[TrackPrompt],
        config: InferenceConfig,
        controls: dict[str, Any],
    ) -> None:
        self._codec = codec
        self._prompts = prompts
        self._config = config
        self._controls = controls
        own = codec.config.levels_may_be_absent
        self._target_headers = TargetHeaders(codec.vocabulary) if own else None
        self._masked = {
            (track, bar) for track, prompt in enumerate(prompts) for bar in prompt.mask_bars
        }

    def hidden_cells(self, piece: Piece, step: Step) -> list[Cell]:
        """Bars of the window the model must not see: asked for, or flagged in the score."""
        targets = set(step.targets)
        return [
            (track, bar)
            for track in step.track_indices
            for bar in range(step.start_bar, step.end_bar)
            if (track, bar) not in targets
            and ((track, bar) in self._masked or piece.track(track).bars[bar].future)
        ]

    def build(self, piece: Piece, step: Step) -> Prompt:
        """The prompt of a step, from the piece as it is now."""
        order = self._order(step)
        unseen = self.hidden_cells(piece, step)
        window = piece.window(step, order, self._prompts, unseen)
        encoded = self._codec.encode_prepared(window, self._options(step, order))
        hidden = tuple((int(begin), int(end)) for begin, end in encoded.hidden)
        return Prompt(
            step=step,
            order=order,
            states=self._states(step, set(unseen)),
            encoded=encoded,
            ids=encoded.tokens,
            hidden=hidden,
            mask_mode=self._config.mask_mode,
            headers=() if step.autoregressive else self._headers(encoded.tokens, hidden),
        )

    def _headers(self, ids: Ids, hidden: Sequence[Span]) -> tuple[tuple[int, ...], ...]:
        """What is said right before the notes, to models trained so: with encoders whose levels
        may be absent.
        """
        return () if self._target_headers is None else tuple(self._target_headers.of(ids, hidden))

    def _order(self, step: Step) -> tuple[int, ...]:
        """Score order, but the written tracks come last: in every autoregressive step, and with
        encoders of our own, whose models then find right before the notes what they must go with.
        """
        if not step.autoregressive and self._target_headers is None:
            return step.track_indices
        written = {track for track, _ in step.targets}
        return tuple(sorted(step.track_indices, key=written.__contains__))

    def _options(self, step: Step, order: Sequence[int]) -> EncodeOptions:
        options = EncodeOptions()
        options.window_bars = step.bars
        options.prompt = True
        if step.autoregressive:
            options.partial_track = len(order) - 1
            options.partial_bars = step.targets[0][1] - step.start_bar
        else:
            options.infill = True
            options.targets = [(order.index(t), bar - step.start_bar) for t, bar in step.targets]
        options.span_future = self._config.mask_mode in ATTENTION_MODES
        options.remove_future = self._config.mask_mode == "remove"
        options.velocity = int(self._controls.get("velocity", True))
        options.microtiming = int(self._controls.get("microtiming", True))
        if "genre" in self._controls:
            options.genre = self._codec.vocabulary.genre_value(self._controls["genre"])
        return options

    def _states(self, step: Step, hidden: set[Cell]) -> dict[int, str]:
        mark = "A" if self._config.mask_mode in ATTENTION_MODES else "M"
        targets = set(step.targets)
        return {
            track: "".join(
                "T" if (track, bar) in targets else mark if (track, bar) in hidden else "C"
                for bar in range(step.start_bar, step.end_bar)
            )
            for track in step.track_indices
        }
