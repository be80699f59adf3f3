"""The five ways to keep bars from the model, as what the network is given.

A prompt is token ids plus the spans of its hidden bars.  Each mode is one small function from these
to the network's input: which ids, at which positions, and which of them later tokens may attend to.
Source: spec/generation.md 5.5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int32]
Span = tuple[int, int]
"""Half-open range of positions in a prompt."""


@dataclass(frozen=True)
class NetworkInput:
    """What goes into the network; the arrays have shape (T,).

    `visible` is 0 where later tokens must not attend; `next_position` is that of the first token
    generated.
    """

    ids: IntArray
    positions: IntArray
    visible: npt.NDArray[np.uint8]
    next_position: int


def network_input(
    ids: IntArray, hidden: Sequence[Span], mask_mode: str, *, skip_gap: int = 0
) -> NetworkInput:
    """The input for a prompt with hidden spans.

    `skip_gap` is 1 to replay midigpt, which in mode "attention_skip" counts on from the last token
    that is not hidden and leaves one position unused.
    """
    if not hidden:
        return _everything(ids, hidden, 0)
    return _MODES[mask_mode](ids, hidden, skip_gap)


def _everything(ids: IntArray, hidden: Sequence[Span], skip_gap: int) -> NetworkInput:
    """Nothing to hide here: the bars were hidden by the tokens themselves, or there are none."""
    visible = np.ones(len(ids), dtype=np.uint8)
    return NetworkInput(ids, _positions(ids), visible, len(ids))


def _unseen(ids: IntArray, hidden: Sequence[Span], skip_gap: int) -> NetworkInput:
    """The tokens are there, and no later token attends to them."""
    return NetworkInput(ids, _positions(ids), _visible(len(ids), hidden), len(ids))


def _skipped(ids: IntArray, hidden: Sequence[Span], skip_gap: int) -> NetworkInput:
    """The tokens are not there; the others keep their positions."""
    kept = np.flatnonzero(_visible(len(ids), hidden))
    next_position = int(kept[-1]) + 1 + skip_gap if skip_gap else len(ids)
    return NetworkInput(
        ids[kept],
        kept.astype(np.int32),
        np.ones(len(kept), dtype=np.uint8),
        next_position,
    )


_MODES: dict[str, Callable[[IntArray, Sequence[Span], int], NetworkInput]] = {
    "token": _everything,
    "remove": _everything,
    "attention": _unseen,
    # Upstream overwrites the cached keys by -1e4, which a head whose query sums to less than zero
    # attends to before anything else; hiding the keys is what the mode is meant to do.
    "attention_approx": _unseen,
    "attention_skip": _skipped,
}
MASK_MODES = tuple(_MODES)


def _positions(ids: IntArray) -> IntArray:
    return np.arange(len(ids), dtype=np.int32)


def _visible(length: int, hidden: Sequence[Span]) -> npt.NDArray[np.uint8]:
    visible = np.ones(length, dtype=np.uint8)
    for start, end in hidden:
        visible[start:end] = 0
    return visible
