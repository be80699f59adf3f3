"""Takes in their JSON form, for projects and journals.

Scores that batches were made from share nearly all bars, so the form holds each bar, track and
score once and refers to them by number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from descant.score.types import Bar, Score, Track
from descant_app.document.bar_form import bar_form, bar_of
from descant_app.document.composition import BarCell, TrackId
from descant_app.document.takes import Batch, Take, TakeList

FORMAT = 1


@dataclass(frozen=True)
class SavedTakes:
    """All takes of a piece with what they were made from."""

    batches: tuple[Batch, ...] = ()
    takes: tuple[Take, ...] = ()

    @classmethod
    def of(cls, takes: TakeList) -> SavedTakes:
        """All takes of the open piece."""
        return cls(tuple(takes.batches.values()), tuple(takes.takes.values()))

    def to_bytes(self) -> bytes:
        """The JSON form."""
        pool = _Pool()
        form = {
            "format": FORMAT,
            "batches": [_batch_form(batch, pool) for batch in self.batches],
            "takes": [_take_form(take, pool) for take in self.takes],
        }
        return json.dumps({**form, **pool.to_dict()}).encode()

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
        return cls(batches, tuple(_take_of(take, bars) for take in form["takes"]))


@dataclass
class _Pool:
    """Bars, tracks and scores by number; the same object or the same form is kept once."""

    bars: list[Any] = field(default_factory=list)
    tracks: list[Any] = field(default_factory=list)
    scores: list[Any] = field(default_factory=list)
    _by_identity: dict[int, int] = field(default_factory=dict)
    _by_form: dict[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {"bars": self.bars, "tracks": self.tracks, "scores": self.scores}

    def bar(self, bar: Bar) -> int:
        return self._number(bar, self.bars, lambda: bar_form(bar))

    def track(self, track: Track) -> int:
        return self._number(track, self.tracks, lambda: self._track_form(track))

    def score(self, score: Score) -> int:
        return self._number(score, self.scores, lambda: self._score_form(score))

    def _number(self, value: object, forms: list[Any], make: Any) -> int:
        known = self._by_identity.get(id(value))
        if known is None:
            form = make()
            key = f"{type(value).__name__} {json.dumps(form)}"
            if key not in self._by_form:
                self._by_form[key] = len(forms)
                forms.append(form)
            known = self._by_identity[id(value)] = self._by_form[key]
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
    tracks = tuple(TrackId(int(track)) for track in form["tracks"])
    parts = {
        "score": scores[form["score"]],
        "tracks": tracks,
        "under": _cells_of(form["under"], bars),
    }
    return Batch(**{**_known(Batch, form), **parts})


def _take_form(take: Take, pool: _Pool) -> dict[str, Any]:
    plain = asdict(replace(take, bars={}))
    return {
        **plain,
        "bars": _cells_form(take.bars, pool),
        "violations": list(take.violations),
    }


def _take_of(form: Mapping[str, Any], bars: list[Bar]) -> Take:
    violations = tuple(map(str, form["violations"]))
    parts = {"bars": _cells_of(form["bars"], bars), "violations": violations}
    return Take(**{**_known(Take, form), **parts})


def _cells_form(cells: Mapping[BarCell, Bar], pool: _Pool) -> list[list[int]]:
    return [[track, bar, pool.bar(value)] for (track, bar), value in cells.items()]


def _cells_of(form: list[list[int]], bars: list[Bar]) -> dict[BarCell, Bar]:
    return {(TrackId(int(track)), int(bar)): bars[number] for track, bar, number in form}


def _known(kind: type[Batch] | type[Take], form: Mapping[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(kind)}
    return {name: value for name, value in form.items() if name in names}
