"""Takes in their JSON form, for projects and journals.

Scores that batches were made from share nearly all bars, so the form holds each bar, track and
score once and refers to them by number.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from descant.score.types import Bar, Score, Track
from descant_app.document.bar_form import bar_form, bar_of
from descant_app.document.bar_ids import BarIds, NamedBars, bar_ids_of, fitted
from descant_app.document.composition import BarCell, TrackId
from descant_app.document.takes import Batch, Take, TakeList

FORMAT = 1


@dataclass(frozen=True)
class SavedTakes:
    """All takes of a piece with what they were made from; `bar_ids` names the bars they number."""

    batches: tuple[Batch, ...] = ()
    takes: tuple[Take, ...] = ()
    bar_ids: BarIds = ()

    @classmethod
    def of(cls, takes: TakeList) -> SavedTakes:
        """All takes of the open piece."""
        names = takes.bar_ids if takes.takes else ()
        return cls(tuple(takes.batches.values()), tuple(takes.takes.values()), names)

    def placed(self, bar_ids: BarIds) -> SavedTakes:
        """The takes beside a piece whose bars have these names.

        The two were not written at the same instant, so a crash may lie between them.
        """
        before = self.bar_ids or bar_ids
        takes = tuple(take.placed(before, bar_ids) for take in self.takes)
        return replace(self, takes=takes, bar_ids=bar_ids)

    def to_bytes(self) -> bytes:
        """The JSON form.  Made of many small texts, so that other threads go on meanwhile."""
        pool = _Pool()
        batches = [json.dumps(_batch_form(batch, pool)) for batch in self.batches]
        takes = [json.dumps(_take_form(take, pool)) for take in self.takes]
        parts = {
            "batches": batches,
            "takes": takes,
            "bars": pool.bars,
            "tracks": pool.tracks,
            "scores": pool.scores,
        }
        lists = (f'"{name}": [{", ".join(texts)}]' for name, texts in parts.items())
        names = json.dumps(self.bar_ids)
        return f'{{"format": {FORMAT}, "bar_ids": {names}, {", ".join(lists)}}}'.encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> SavedTakes:
        """Read the JSON form.

        Raises KeyError, TypeError, ValueError, IndexError or ScoreError when it is damaged or newer
        than this version knows.
        """
        form = json.loads(data)
        if int(form["format"]) > FORMAT:
            raise ValueError("takes of a newer version")
        bars = [bar_of(bar) for bar in form["bars"]]
        tracks = [_track_of(track, bars) for track in form["tracks"]]
        scores = [_score_of(score, tracks) for score in form["scores"]]
        batches = tuple(_batch_of(batch, scores, bars) for batch in form["batches"])
        names = bar_ids_of(form.get("bar_ids", ()))
        return cls(batches, tuple(_take_of(take, bars) for take in form["takes"]), names)


@dataclass
class _Pool:
    """JSON texts of bars, tracks and scores; the same object or the same text is kept once."""

    bars: list[str] = field(default_factory=list)
    tracks: list[str] = field(default_factory=list)
    scores: list[str] = field(default_factory=list)
    _by_identity: dict[int, int] = field(default_factory=dict)
    _by_text: dict[tuple[int, str], int] = field(default_factory=dict)

    def bar(self, bar: Bar) -> int:
        return self._number(bar, self.bars, lambda: bar_form(bar))

    def track(self, track: Track) -> int:
        return self._number(track, self.tracks, lambda: self._track_form(track))

    def score(self, score: Score) -> int:
        return self._number(score, self.scores, lambda: self._score_form(score))

    def _number(self, value: object, texts: list[str], make: Callable[[], Any]) -> int:
        known = self._by_identity.get(id(value))
        if known is None:
            text = json.dumps(make())
            known = self._by_text.setdefault((id(texts), text), len(texts))
            if known == len(texts):
                texts.append(text)
            self._by_identity[id(value)] = known
        return known

    def _track_form(self, track: Track) -> dict[str, Any]:
        header = Score((replace(track, bars=()),)).to_dict()["tracks"][0]
        return {"header": header, "bars": [self.bar(bar) for bar in track.bars]}

    def _score_form(self, score: Score) -> dict[str, Any]:
        conductor = replace(score, tracks=()).to_dict()
        return {"conductor": conductor, "tracks": [self.track(track) for track in score.tracks]}


def _track_of(form: Mapping[str, Any], bars: list[Bar]) -> Track:
    header = Score.from_dict({"tracks": [form["header"]]}).tracks[0]
    return replace(header, bars=tuple(bars[number] for number in form["bars"]))


def _score_of(form: Mapping[str, Any], tracks: list[Track]) -> Score:
    conductor = Score.from_dict(form["conductor"])
    return replace(conductor, tracks=tuple(tracks[number] for number in form["tracks"]))


def _batch_form(batch: Batch, pool: _Pool) -> dict[str, Any]:
    plain = {f.name: getattr(batch, f.name) for f in fields(batch)}
    return {
        **plain,
        "tracks": list(batch.tracks),
        "score": pool.score(batch.score),
        "under": _cells_form(batch.under, pool),
    }


def _batch_of(form: Mapping[str, Any], scores: list[Score], bars: list[Bar]) -> Batch:
    score = scores[form["score"]]
    count = len(score.tracks[0].bars) if score.tracks else 0
    parts = {
        "score": score,
        "tracks": tuple(TrackId(int(track)) for track in form["tracks"]),
        "bar_ids": fitted(bar_ids_of(form.get("bar_ids", ())), count),
        "under": _cells_of(form["under"], bars),
    }
    return Batch(**{**_known(Batch, form), **parts})


def _take_form(take: Take, pool: _Pool) -> dict[str, Any]:
    plain = asdict(replace(take, bars={}, away={}))
    return {
        **plain,
        "bars": _cells_form(take.bars, pool),
        "away": _cells_form(take.away, pool),
        "violations": list(take.violations),
    }


def _take_of(form: Mapping[str, Any], bars: list[Bar]) -> Take:
    violations = tuple(map(str, form["violations"]))
    parts = {
        "bars": _cells_of(form["bars"], bars),
        "away": _cells_of(form.get("away", []), bars),
        "violations": violations,
    }
    return Take(**{**_known(Take, form), **parts})


def _cells_form(cells: Mapping[BarCell, Bar] | NamedBars, pool: _Pool) -> list[list[int]]:
    return [[track, bar, pool.bar(value)] for (track, bar), value in cells.items()]


def _cells_of(form: list[list[int]], bars: list[Bar]) -> dict[BarCell, Bar]:
    return {(TrackId(int(track)), int(bar)): bars[number] for track, bar, number in form}


def _known(kind: type[Batch] | type[Take], form: Mapping[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(kind)}
    return {name: value for name, value in form.items() if name in names}
