"""What the widgets of the piano roll share: document, coordinates, tool, grid, scale, preview."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from descant.score.notes import NoteArray
from descant_app.document.document import Document
from descant_app.document.editor import Editor
from descant_app.document.flat import DURATION, ONSET, PITCH, FlatTrack
from descant_app.document.grid import OFF, Grid, adaptive
from descant_app.document.scales import Scale
from descant_app.piano_roll.coords import ALL_KEYS
from descant_app.piano_roll.roles import RoleMap
from descant_app.piano_roll.shown_take import ShownTake
from descant_app.piano_roll.viewport import Viewport

TOOLS = ("select", "draw", "erase", "split", "velocity", "infill")


@dataclass(frozen=True, eq=False)
class Preview:
    """What a gesture in progress would make of the current track: some notes hidden, some shown."""

    hidden: npt.NDArray[np.bool_] | None
    shown: NoteArray


class Roll(QObject):
    """State of the roll that is not part of the piece.

    `infill_wanted(cells)` asks for bars to be chosen and written now.

    `grid_choice` None means: as fine as the zoom allows.  `sounded(pitch, velocity)` asks for a
    note to be heard; velocity 0 ends it.  `scrubbed(tick)` while the ruler is dragged, -1 when it
    was let go.
    """

    tool_changed = Signal(str)
    grid_changed = Signal()
    scale_changed = Signal()
    preview_changed = Signal()
    playhead_changed = Signal()
    loop_changed = Signal()
    lit_changed = Signal()
    sounded = Signal(int, int)
    seek_wanted = Signal(int)
    scrubbed = Signal(int)
    told = Signal(str)
    infill_wanted = Signal(object)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.editor = Editor(document)
        self.shown_take = ShownTake(document, self)
        self.roles = RoleMap(document, self)
        self.viewport = Viewport(self)
        self.tool = "select"
        self.grid_choice: Grid | None = None
        self.snap = True
        self.snap_to_lines = False
        self.right_erases = False
        self.scale: Scale | None = None
        self.ghosts = True
        self.fold = False
        self.fold_scale = False
        self.preview: Preview | None = None
        self.playhead = 0
        self.loop: tuple[int, int] | None = None
        self.loop_on = False
        self.lit: frozenset[int] = frozenset()
        self.note_length: int | None = None
        self.note_velocity = 96
        self._heard: set[int] = set()
        self._chosen: tuple[FlatTrack, NoteArray, npt.NDArray[np.bool_]] | None = None
        document.changed.connect(self.refold)
        document.selection.track_changed.connect(self.refold)
        document.selection.notes_changed.connect(self._let_go_of_covered)
        self.shown_take.changed.connect(self._let_go_of_covered)

    # -- grid and scale --------------------------------------------------------------------------

    @property
    def grid(self) -> Grid:
        """The grid in use; what is drawn and, unless suspended, snapped to."""
        if self.grid_choice is not None:
            return self.grid_choice
        return adaptive(self.viewport.coords.px_per_tick * self.document.score.resolution)

    def snapping(self, suspended: bool = False) -> Grid:
        """The grid to snap to now."""
        return self.grid if self.snap != suspended else OFF

    def nearest(self, tick: float, suspended: bool = False) -> int:
        """The tick snapped to the closest line."""
        return self.snapping(suspended).nearest(
            tick, self.document.starts, self.document.score.resolution
        )

    def floor(self, tick: float, suspended: bool = False) -> int:
        """The tick snapped to the line before."""
        return self.snapping(suspended).floor(
            tick, self.document.starts, self.document.score.resolution
        )

    def step_ticks(self) -> int:
        """Width of one grid step in whole ticks; a sixteenth when the grid is off."""
        grid = self.grid if self.grid.step else Grid()
        return max(1, round(grid.ticks(self.document.score.resolution)))

    def new_length(self) -> int:
        """Length of a note about to be drawn: that of the last one drawn, changed or clicked."""
        return self.note_length or self.step_ticks()

    def set_grid(self, grid: Grid | None) -> None:
        self.grid_choice = grid
        self.grid_changed.emit()

    def set_snap(self, on: bool) -> None:
        self.snap = on
        self.grid_changed.emit()

    def set_scale(self, scale: Scale | None) -> None:
        self.scale = scale
        self.refold()
        self.scale_changed.emit()

    def set_tool(self, tool: str) -> None:
        """One of `TOOLS`."""
        assert tool in TOOLS, tool
        if tool != self.tool:
            self.tool = tool
            self.tool_changed.emit(tool)

    # -- the current track -----------------------------------------------------------------------

    @property
    def flat(self) -> FlatTrack:
        """Notes of the current track."""
        index = self.document.current
        return self.document.flat(index) if index is not None else _NOTHING

    def covered(self) -> npt.NDArray[np.bool_]:
        """Which of `flat`'s notes a shown take covers: they are faint and out of reach."""
        index = self.document.current
        return self.shown_take.covered(index) if index is not None else np.zeros(0, dtype=bool)

    def _let_go_of_covered(self) -> None:
        """Notes under a take are not chosen: nobody edits what is not seen."""
        if self.shown_take.bars(self.document.selection.track):
            flat, covered = self.flat, self.chosen() & self.covered()
            if covered.any():
                left = self.chosen() & ~covered
                self._chosen = (flat, flat.rows[left], left)
                self.document.selection.set_notes(self._chosen[1])

    def replaced(self) -> npt.NDArray[np.bool_] | None:
        """Which of `flat`'s notes a take or a gesture in progress shows others for; None: none."""
        preview = self.preview.hidden if self.preview is not None else None
        if not self.shown_take.bars(self.document.selection.track):
            return preview
        return self.covered() if preview is None else self.covered() | preview

    def chosen(self) -> npt.NDArray[np.bool_]:
        """Which of the current track's notes are chosen; found again only when either changed."""
        flat, rows = self.flat, self.document.selection.rows
        if self._chosen is None or self._chosen[0] is not flat or self._chosen[1] is not rows:
            self._chosen = (flat, rows, flat.mask_of(rows))
        return self._chosen[2]

    @property
    def is_drum(self) -> bool:
        index = self.document.current
        return index is not None and self.document.score.tracks[index].is_drum

    @property
    def colour(self) -> int:
        index = self.document.current
        return self.document.lanes[index].colour if index is not None else 0

    @property
    def folded(self) -> bool:
        """Whether some keys have no row now."""
        return len(self.viewport.coords.keys) < len(ALL_KEYS)

    def set_fold(self, on: bool) -> None:
        """Show only the rows that hold notes."""
        self.fold = on
        self.refold()

    def set_fold_scale(self, on: bool) -> None:
        """Show only the rows of the scale, and those that hold notes."""
        self.fold_scale = on
        self.refold()

    def refold(self, _: object = None) -> None:
        """Recompute which keys have rows."""
        from dataclasses import replace

        keys = ALL_KEYS
        in_scale = self.fold_scale and self.scale is not None and not self.is_drum
        if self.fold or in_scale:
            shown = set(np.unique(self.flat.rows[:, PITCH]).tolist())
            if in_scale and self.scale is not None:
                shown |= set(self.scale.pitches().tolist())
            keys = tuple(sorted(shown, reverse=True)) or ALL_KEYS
        if keys != self.viewport.coords.keys:
            self.viewport.set(replace(self.viewport.coords, keys=keys))

    def fit(self) -> None:
        """Show the whole track."""
        self._show(self.flat.rows, whole=True)

    def zoom_to_selection(self) -> None:
        """Fill the picture with the chosen notes."""
        rows = self.document.selection.rows
        if len(rows):
            self._show(rows, whole=False)

    def look_at_start(self) -> None:
        """A first view of a piece: eight bars or so, the track's range in the middle."""
        starts = self.document.starts
        end = int(starts[min(8, len(starts) - 1)]) or 4 * self.document.score.resolution
        low, high = self._range(self.flat.rows)
        self.viewport.set(self.viewport.coords.showing(0, end, low, high))

    def center_pitches(self) -> None:
        """Scroll up or down so that the current track's notes are in sight."""
        from dataclasses import replace

        coords, rows = self.viewport.coords, self.flat.rows
        if len(rows):
            inside = rows[(rows[:, ONSET] >= coords.left) & (rows[:, ONSET] <= coords.right)]
            low, high = self._range(inside if len(inside) else rows)
            middle = (coords.row_of_pitch[low] + coords.row_of_pitch[high] + 1) / 2
            top = middle * coords.row_px - coords.height / 2
            self.viewport.set(replace(coords, top=float(top)))

    def _show(self, rows: NoteArray, whole: bool) -> None:
        low, high = self._range(rows)
        left, right = 0, self.document.end_tick
        if not whole:
            left, right = int(rows[:, ONSET].min()), int((rows[:, ONSET] + rows[:, DURATION]).max())
        self.viewport.jump(self.viewport.coords.showing(left, right, low, high))

    @staticmethod
    def _range(rows: NoteArray) -> tuple[int, int]:
        if not len(rows):
            return 48, 72
        return int(rows[:, PITCH].min()), int(rows[:, PITCH].max())

    # -- preview, playhead, sound ----------------------------------------------------------------

    def set_preview(self, preview: Preview | None) -> None:
        """Show what a gesture would do; None ends it."""
        if preview is not None or self.preview is not None:
            self.preview = preview
            self.preview_changed.emit()

    def set_playhead(self, tick: int) -> None:
        if tick != self.playhead:
            self.playhead = tick
            self.playhead_changed.emit()

    def set_loop(self, loop: tuple[int, int] | None, on: bool | None = None) -> None:
        """The loop range, and whether it is in force (None: as before)."""
        self.loop = loop
        self.loop_on = loop is not None and (self.loop_on if on is None else on)
        self.loop_changed.emit()

    def set_lit(self, pitches: frozenset[int]) -> None:
        """Keys of the current track that sound in playback."""
        if pitches != self.lit:
            self.lit = pitches
            self.lit_changed.emit()

    def hear(self, pitch: int, velocity: int | None = None) -> None:
        """Sound a pitch until `hush`."""
        if pitch not in self._heard:
            self.hush()
            self._heard.add(pitch)
            self.sounded.emit(pitch, velocity or self.note_velocity)

    def hush(self) -> None:
        """End every note begun by `hear`."""
        for pitch in self._heard:
            self.sounded.emit(pitch, 0)
        self._heard.clear()


_NOTHING = FlatTrack(np.zeros((0, 6), dtype=np.int32))
