"""A batch's request as it would be asked of the piece as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from descant_app.document.piece import Piece
from descant_app.document.takes import Batch

_BY_BAR = ("bar_attributes", "bar_controls")


def renumbered(batch: Batch, piece: Piece) -> dict[str, Any]:
    """The request with tracks and bars where they stand in the piece.

    Those that are gone are left out; tracks that came since are not shown to the model, which did
    not see them.
    """
    places = {name: number for number, name in enumerate(piece.bar_ids)}
    bars = {str(old): places.get(name) for old, name in enumerate(batch.bar_ids)}
    known = dict(zip(batch.tracks, _prompts(batch), strict=True))
    prompts = []
    for index, lane in enumerate(piece.lanes):
        form = known.get(lane.id)
        if form is None:
            prompts.append({"id": index, "bars": [], "ignore": True})
        else:
            prompts.append({**form, "id": index, **_moved(form, bars)})
    return {**batch.request, "tracks": prompts}


def _prompts(batch: Batch) -> list[Mapping[str, Any]]:
    """One for each of the batch's tracks."""
    by_id = {int(form["id"]): form for form in batch.request.get("tracks", ())}
    return [by_id.get(index, {"bars": []}) for index in range(len(batch.tracks))]


def _moved(form: Mapping[str, Any], bars: Mapping[str, int | None]) -> dict[str, Any]:
    moved: dict[str, Any] = {}
    for name in ("bars", "mask_bars"):
        if name in form:
            now = [bars.get(str(bar)) for bar in form[name]]
            moved[name] = [bar for bar in now if bar is not None]
    for name in _BY_BAR:
        if name in form:
            now_at = ((bars.get(bar), entry) for bar, entry in form[name].items())
            moved[name] = {str(bar): entry for bar, entry in now_at if bar is not None}
    return moved
