"""One change of a piece as JSON, for the journal."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from descant.score.types import Bar, Score
from descant_app.document.bar_form import bar_form, bar_of
from descant_app.document.bar_ids import bar_ids_of
from descant_app.document.change import PieceChange
from descant_app.document.composition import Composition
from descant_app.document.piece import Lane, Piece, TrackId


def change_to_form(change: PieceChange, now: Piece) -> dict[str, Any]:
    """The "after" side of a change.

    Notes are written as the bytes of their array: moving 200,000 of them must not hold the window.
    """
    form: dict[str, Any] = {}
    if change.composition is not None:
        form["composition"] = now.composition.to_dict()
    if change.lanes is not None:
        form["lanes"] = [asdict(lane) for lane in now.lanes]
    if change.bar_ids is not None:
        form["bar_ids"] = now.bar_ids
    if change.tracks is not None:
        headers = tuple(replace(t, bars=()) for t in now.score.tracks)
        form["score"] = replace(now.score, tracks=headers).to_dict()
        form["all_bars"] = [[bar_form(b) for b in t.bars] for t in now.score.tracks]
        return form
    if change.bars:
        form["bars"] = [[*cell, bar_form(pair[1])] for cell, pair in sorted(change.bars.items())]
    if change.headers:
        form["headers"] = sorted(change.headers)
        parts_of = tuple(change.headers[i][1] for i in sorted(change.headers))
        form["tracks"] = Score(parts_of, now.score.resolution).to_dict()
    if change.conductor is not None:
        form["conductor"] = replace(now.score, tracks=()).to_dict()
    return form


def form_onto(form: dict[str, Any], piece: Piece) -> Piece:
    """The piece after a change read from its JSON form."""
    score = piece.score
    if "score" in form:
        headers = Score.from_dict(form["score"])
        pairs = zip(headers.tracks, form["all_bars"], strict=True)
        tracks = [replace(t, bars=tuple(map(bar_of, bars))) for t, bars in pairs]
        score = replace(headers, tracks=tuple(tracks))
    if "conductor" in form:
        score = replace(Score.from_dict(form["conductor"]), tracks=score.tracks)
    tracks = list(score.tracks)
    if "headers" in form:
        parts = Score.from_dict(form["tracks"]).tracks
        for index, track in zip(form["headers"], parts, strict=True):
            tracks[index] = replace(track, bars=tracks[index].bars)
    changed: dict[int, list[Bar]] = {}
    for of, index, bar in form.get("bars", ()):
        changed.setdefault(of, list(tracks[of].bars))[index] = bar_of(bar)
    for of, bars in changed.items():
        tracks[of] = replace(tracks[of], bars=tuple(bars))
    lanes = piece.lanes
    if "lanes" in form:
        lanes = tuple(Lane(**{**lane, "id": TrackId(lane["id"])}) for lane in form["lanes"])
    wishes = piece.composition
    if "composition" in form:
        wishes = Composition.from_dict(form["composition"])
    names = bar_ids_of(form["bar_ids"]) if "bar_ids" in form else piece.bar_ids
    return Piece(replace(score, tracks=tuple(tracks)), lanes, wishes, names).settled()
