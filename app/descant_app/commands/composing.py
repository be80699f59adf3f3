"""Commands on roles and painted levels: what the model may see, what it continues, what is wished.

Each is one step of the history, and refuses in one sentence when there is nothing to act on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from descant_app.document.composition import Composition, Curve, TrackId
from descant_app.document.document import Document
from descant_app.settings.translation import tr


def titles(document: Document) -> dict[str, str]:
    """What the commands that switch would do now, by the names of their actions."""
    wishes, tracks = document.composition, tracks_meant(document)
    hidden = _all_hidden(document)
    out, scratch = tracks <= wishes.left_out, tracks <= wishes.from_scratch
    return {
        "hide_bars": tr("Show bars to the model") if hidden else tr("Hide bars from the model"),
        "leave_out": tr("Take track in") if out else tr("Leave track out"),
        "from_scratch": tr("Fill track in") if scratch else tr("Write track from scratch"),
    }


def toggle_hidden(document: Document) -> bool:
    """Hide the chosen bars from the model; show them when all are hidden."""
    return set_hidden(document, not _all_hidden(document))


def set_hidden(document: Document, hidden: bool) -> bool:
    """Hide the chosen bars from the model, or show them."""
    bars = document.selection.bars
    if not bars:
        document.refuse(tr("Choose some bars in the arrangement first."))
        return False
    label = tr("Hide {} from the model") if hidden else tr("Show {} to the model")
    return _do(document, label.format(_counted(bars)), lambda c: c.with_hidden(bars, hidden))


def toggle_left_out(document: Document) -> bool:
    """Keep the tracks meant out of every prompt; take them in when all are out."""
    tracks = tracks_meant(document)
    out = not tracks <= document.composition.left_out
    label = tr("Leave {} out") if out else tr("Take {} in")
    return _do(
        document,
        label.format(_named(document, tracks)),
        lambda c: replace(c, left_out=c.left_out | tracks if out else c.left_out - tracks),
    )


def toggle_from_scratch(document: Document) -> bool:
    """Continue the tracks meant to the right; fill them in again when all are continued."""
    tracks = tracks_meant(document)
    on = not tracks <= document.composition.from_scratch
    label = tr("Write {} from scratch") if on else tr("Fill in {}")
    return _do(
        document,
        label.format(_named(document, tracks)),
        lambda c: replace(
            c, from_scratch=c.from_scratch | tracks if on else c.from_scratch - tracks
        ),
    )


def clear_levels(document: Document) -> bool:
    """Painted levels of the chosen bars go; without any, all those of the current track."""
    bars, curves = document.selection.bars, document.composition.levels
    here = document.selection.track
    gone = {
        curve: {
            bar: None for bar in wish if ((curve[0], bar) in bars if bars else curve[0] == here)
        }
        for curve, wish in curves.items()
    }
    if not any(gone.values()):
        document.refuse(tr("No levels are painted here."))
        return False
    return _do(document, tr("Clear painted levels"), lambda c: _painted(c, gone))


def clear_curve(document: Document, curves: Iterable[Curve], title: str) -> bool:
    """Everything painted on these curves goes."""
    known = document.composition.levels
    gone = {curve: dict.fromkeys(known.get(curve, {})) for curve in curves}
    return paint(document, tr("Clear {}").format(title), gone)


def copy_curve(document: Document, sources: Iterable[Curve], target: TrackId, title: str) -> bool:
    """The levels painted on these curves, on another track too, in place of those there."""
    known = document.composition.levels
    levels = {(target, name): dict(known.get((track, name), {})) for track, name in sources}
    return put_curve(document, levels, title)


def put_curve(document: Document, levels: dict[Curve, dict[int | None, int]], title: str) -> bool:
    """These levels in place of whatever is painted on the same curves."""
    known = document.composition.levels
    bars = document.piece.bar_count
    wanted = {
        curve: {
            **dict.fromkeys(known.get(curve, {})),
            **{bar: level for bar, level in wish.items() if bar is None or bar < bars},
        }
        for curve, wish in levels.items()
    }
    return paint(document, tr("Copy {}").format(title), wanted)


def paint(
    document: Document,
    label: str,
    levels: dict[Curve, dict[int | None, int | None]],
    merge: str = "",
) -> bool:
    """Levels by curve and bar, None clearing a bar back to free; `merge` as in `Document.do`."""
    return _do(document, label, lambda c: _painted(c, levels), merge)


def tracks_meant(document: Document) -> frozenset[TrackId]:
    """The tracks of the chosen bars; without any, the current track."""
    chosen = frozenset(track for track, _ in document.selection.bars)
    return chosen or frozenset((document.selection.track,))


def _all_hidden(document: Document) -> bool:
    bars = document.selection.bars
    return bool(bars) and bars <= document.composition.hidden


def _painted(
    composition: Composition, levels: dict[Curve, dict[int | None, int | None]]
) -> Composition:
    for curve, wish in levels.items():
        composition = composition.with_levels(curve, wish)
    return composition


def _do(
    document: Document,
    label: str,
    change: Callable[[Composition], Composition],
    merge: str = "",
) -> bool:
    piece = document.piece
    return document.do(label, piece.with_composition(change(piece.composition)), merge=merge)


def _counted(bars: frozenset[tuple[TrackId, int]]) -> str:
    return tr("1 bar") if len(bars) == 1 else tr("{} bars").format(len(bars))


def _named(document: Document, tracks: frozenset[TrackId]) -> str:
    if len(tracks) != 1:
        return tr("{} tracks").format(len(tracks))
    index = document.piece.index_of(next(iter(tracks)))
    name = document.score.tracks[index].name if index is not None else ""
    return name or tr("the track")
