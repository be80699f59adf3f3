"""What a project file keeps of how its piece was looked at: zoom, playhead, loop, chosen bars."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from descant_app.document.composition import TrackId
from descant_app.document.document import Document
from descant_app.main_window import MainWindow

COORDS = ("left", "px_per_tick", "top", "row_px")


def kept_view(window: MainWindow) -> dict[str, Any]:
    """The view as it is now, in JSON's types."""
    coords, selection = window.roll.viewport.coords, window.document.selection
    return {
        **{name: getattr(coords, name) for name in COORDS},
        "playhead": window.roll.playhead,
        "loop": window.roll.loop,
        "track": selection.track,
        "targets": sorted(map(list, selection.bars)),
    }


def show_from_start(window: MainWindow) -> None:
    """A piece that nobody has looked at yet."""
    window.player.stop()
    window.player.seek(0)
    window.roll.set_loop(None)
    window.roll.look_at_start()
    choose_bars(window.document, ())


def show_as_kept(window: MainWindow, view: dict[str, Any]) -> None:
    """The piece as it was left, as far as the view, which came from a file, makes sense."""
    show_from_start(window)
    choose_bars(window.document, view.get("targets", ()))
    if not all(isinstance(view.get(name), (int, float)) for name in COORDS):
        return
    if window.document.piece.index_of(view.get("track", -1)) is not None:
        window.document.selection.set_track(view["track"])
    kept: dict[str, Any] = {name: float(view[name]) for name in COORDS}
    in_sight = 0 <= kept["left"] <= window.document.end_tick and 0 <= kept["top"] <= 1e5
    if in_sight and 1e-4 <= kept["px_per_tick"] <= 8 and 3 <= kept["row_px"] <= 48:
        viewport = window.roll.viewport
        viewport.set(replace(viewport.coords, **kept))
    _restore_places(window, view)


def choose_bars(document: Document, targets: Any) -> None:
    """Choose (track, bar) pairs, as far as they are bars of this piece."""
    piece = document.piece
    targets = targets if isinstance(targets, (list, tuple)) else ()
    pairs = [tuple(pair) for pair in targets if isinstance(pair, (list, tuple))]
    document.selection.set_bars(
        (TrackId(track), bar)
        for track, bar in (pair for pair in pairs if len(pair) == 2)
        if piece.index_of(track) is not None and isinstance(bar, int)
        if 0 <= bar < piece.bar_count
    )


def _restore_places(window: MainWindow, view: dict[str, Any]) -> None:
    """Playhead and loop range, as far as they lie in the piece."""
    end, playhead = window.document.end_tick, view.get("playhead")
    loop: Any = view.get("loop")
    if isinstance(playhead, int) and 0 <= playhead <= end:
        window.player.seek(playhead)
    whole = isinstance(loop, list) and len(loop) == 2 and all(type(t) is int for t in loop)
    if whole and 0 <= loop[0] < loop[1] <= end:
        window.roll.set_loop((loop[0], loop[1]), on=False)
