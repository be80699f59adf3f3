"""What each bar is to the model, as the user sees it: at once for what was clicked, as planned for
the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QObject, Signal

from descant_app.compose.composer import Composer
from descant_app.compose.outlook import CONTEXT, HIDDEN, LEFT_OUT, LOCKED, TARGET, Outlook
from descant_app.document.bar_ids import BarId
from descant_app.document.composition import BarCell, Composition, TrackId
from descant_app.document.document import Document
from descant_app.document.piece import Lane
from descant_app.settings.translation import tr

OUT_OF_SIGHT, DROPPED, PLAIN = "out of sight", "dropped", ""
"""Beside the outlook's roles: bars no step reads, tracks without room, and bars when no plan is."""

Run = tuple[str, int, int]
"""A role from a first to a last bar, inclusive."""


BarsByTrack = dict[TrackId, list[int]]


class RoleMap(QObject):
    """The roles of all bars, remembered until something changes; `changed` then."""

    changed = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.composer: Composer | None = None
        self._runs: dict[int, list[Run]] = {}
        self._groups: dict[str, BarsByTrack] = {}
        self._written: frozenset[tuple[TrackId, BarId]] | None = None
        document.changed.connect(self._renew)
        document.selection.bars_changed.connect(self._renew)

    def set_composer(self, composer: Composer) -> None:
        """Follow its outlook."""
        if composer is self.composer:
            return
        self.composer = composer
        composer.outlook_changed.connect(self._renew)
        composer.job_changed.connect(self._job_changed)
        self._renew()

    @property
    def outlook(self) -> Outlook:
        """The plan of the next press; an empty one before there is a composer."""
        return self.composer.outlook if self.composer is not None else Outlook()

    @property
    def composition(self) -> Composition:
        """What is asked, with what is being painted."""
        return self.composer.wishes if self.composer is not None else self.document.composition

    def runs(self, index: int) -> list[Run]:
        """Roles of a track's bars from left to right."""
        if index not in self._runs:
            self._runs[index] = joined(self._roles(self.document.lanes[index]))
        return self._runs[index]

    def role(self, index: int, bar: int) -> str:
        """The role of one bar."""
        return next(role for role, first, last in self.runs(index) if first <= bar <= last)

    def waiting(self, track: TrackId) -> list[int]:
        """Bars of a track that a running job has still to write."""
        shown, names = self.document.preview, self.document.piece.bar_ids
        mine = {name for of, name in self._written or () if of == track}
        if not mine:
            return []
        return [bar for bar, name in enumerate(names) if name in mine and (track, bar) not in shown]

    def _roles(self, lane: Lane) -> list[str]:
        """What matters least first; later words overwrite it."""
        wishes, outlook, count = self.composition, self.outlook, self.document.piece.bar_count
        roles = [OUT_OF_SIGHT if outlook.steps else PLAIN] * count
        for bar in self._planned().get(lane.id, ()):
            roles[bar] = LOCKED if lane.locked else CONTEXT
        for bar in self._hidden().get(lane.id, ()):
            roles[bar] = HIDDEN
        if lane.id in outlook.dropped:
            roles = [DROPPED] * count
        if lane.id in wishes.left_out:
            roles = [LEFT_OUT] * count
        for bar in self._chosen().get(lane.id, ()):
            roles[bar] = TARGET
        return roles

    def _planned(self) -> BarsByTrack:
        read = (CONTEXT, LOCKED)
        return self._grouped("plan", (c for c, role in self.outlook.roles.items() if role in read))

    def _hidden(self) -> BarsByTrack:
        return self._grouped("hidden", self.composition.hidden)

    def _chosen(self) -> BarsByTrack:
        return self._grouped("chosen", self.document.selection.bars)

    def _grouped(self, key: str, cells: Iterable[BarCell]) -> BarsByTrack:
        """Bars of each track, gathered once until something changes."""
        if key not in self._groups:
            groups: BarsByTrack = {}
            for track, bar in cells:
                if bar < self.document.piece.bar_count:
                    groups.setdefault(track, []).append(bar)
            self._groups[key] = groups
        return self._groups[key]

    def _job_changed(self) -> None:
        """Which bars it writes is what was chosen as it began."""
        runs = self.composer is not None and self.composer.job is not None
        if runs == (self._written is not None):
            return  # it went on
        names, chosen = self.document.piece.bar_ids, self.document.selection.bars
        written = frozenset((track, names[bar]) for track, bar in chosen)
        self._written = written if runs else None
        self.changed.emit()

    def _renew(self, _: object = None) -> None:
        self._runs.clear()
        self._groups.clear()
        self.changed.emit()


def joined(roles: Sequence[str]) -> list[Run]:
    """Equal neighbours as one run."""
    runs: list[Run] = []
    for bar, role in enumerate(roles):
        if runs and runs[-1][0] == role:
            runs[-1] = (role, runs[-1][1], bar)
        else:
            runs.append((role, bar, bar))
    return runs


def runs_of(bars: Iterable[int]) -> list[tuple[int, int]]:
    """Consecutive numbers as (first, last) pairs."""
    runs: list[tuple[int, int]] = []
    for bar in sorted(bars):
        if runs and runs[-1][1] == bar - 1:
            runs[-1] = (runs[-1][0], bar)
        else:
            runs.append((bar, bar))
    return runs


def meaning(role: str) -> str:
    """What a role means, in one sentence; "" for a plain bar."""
    return {
        TARGET: tr("Chosen: the model writes this bar."),
        CONTEXT: tr("Context: the model reads this bar and leaves it as it is."),
        HIDDEN: tr("Hidden: the model does not look at this bar."),
        LEFT_OUT: tr("Left out: the model knows nothing of this track."),
        DROPPED: tr("Left out for want of room: the prompt holds no more tracks."),
        LOCKED: tr("Locked: read as context, changed by nobody."),
        OUT_OF_SIGHT: tr("Out of sight: no step reaches this far."),
    }.get(role, "")
