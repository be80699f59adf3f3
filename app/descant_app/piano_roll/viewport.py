"""The coordinates in use, shared by the roll, its ruler, keys and lanes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation, Signal

from descant_app.piano_roll.coords import Coords

HISTORY = 20
GLIDE_MS = 180


class Viewport(QObject):
    """Holds the one `Coords`; `changed` after it became another."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.coords = Coords()
        self._back: list[Coords] = []
        self._glide = QVariantAnimation(self)
        self._glide.setDuration(GLIDE_MS)
        self._glide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._glide.valueChanged.connect(lambda top: self._put(replace(self.coords, top=top)))

    def set(self, coords: Coords) -> None:
        """Show something else.  A glide ends where a hand scrolls up or down."""
        if coords.top != self.coords.top:
            self._glide.stop()
        self._put(coords)

    def _put(self, coords: Coords) -> None:
        coords = coords.held()
        if coords != self.coords:
            self.coords = coords
            self.changed.emit()

    def resize(self, width: int, height: int) -> None:
        """The picture has another size; scroll and scale stay."""
        self.set(replace(self.coords, width=max(1, width), height=max(1, height)))

    def scroll(self, dx_px: float, dy_px: float) -> None:
        self.set(self.coords.scrolled(dx_px, dy_px))

    def scroll_to(self, tick: float) -> None:
        """Put a tick near the left edge."""
        self.set(replace(self.coords, left=tick - 16 / self.coords.px_per_tick))

    def zoom_x(self, factor: float, at_px: float | None = None) -> None:
        self.set(self.coords.zoomed_x(factor, self.coords.width / 2 if at_px is None else at_px))

    def zoom_y(self, factor: float, at_px: float | None = None) -> None:
        self.set(self.coords.zoomed_y(factor, self.coords.height / 2 if at_px is None else at_px))

    def jump(self, coords: Coords) -> None:
        """Show something else and remember the way back."""
        self._back = [*self._back[-HISTORY:], self.coords]
        self.set(coords)

    def go_back(self) -> None:
        """What was shown before the last jump."""
        if self._back:
            last = self._back.pop()
            now = self.coords
            self.set(replace(last, width=now.width, height=now.height, keys=now.keys))

    def reveal_tick(self, tick: float) -> None:
        """Scroll sideways only when the tick is out of sight."""
        coords = self.coords
        if not coords.left <= tick <= coords.right - 8 / coords.px_per_tick:
            self.scroll_to(tick)

    def glide_to_pitches(self, pitches: Sequence[int]) -> None:
        """Scroll up or down, in a short moment, only as far as it takes to see these."""
        self._glide.stop()
        if pitches:
            top = replace(self.coords, top=self.coords.top_showing(min(pitches), max(pitches)))
            if top.held().top != self.coords.top:
                self._glide.setStartValue(self.coords.top)
                self._glide.setEndValue(top.held().top)
                self._glide.start()

    def reveal_pitch(self, pitch: int) -> None:
        """Scroll up or down only when the pitch is out of sight."""
        coords = self.coords
        y = coords.y_of(pitch)
        if y < 0:
            self.scroll(0, y - 2 * coords.row_px)
        elif y + coords.row_px > coords.height and y < coords.height + 9000:
            self.scroll(0, y + 3 * coords.row_px - coords.height)
