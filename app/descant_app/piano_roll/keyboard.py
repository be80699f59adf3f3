"""The keys at the left of the roll: they sound when pressed and light up in playback."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from descant_app.document.flat import PITCH
from descant_app.document.scales import note_name
from descant_app.piano_roll.grid_layer import BLACK
from descant_app.piano_roll.roll import Roll
from descant_app.settings.theme import mixed, themes

WIDTH = 64
DRUM_WIDTH = 132

DRUM_NAMES = {
    27: "High Q", 28: "Slap", 29: "Scratch Push", 30: "Scratch Pull", 31: "Sticks",
    32: "Square Click", 33: "Metronome Click", 34: "Metronome Bell", 35: "Kick 2", 36: "Kick",
    37: "Side Stick", 38: "Snare", 39: "Clap", 40: "Electric Snare", 41: "Low Floor Tom",
    42: "Closed Hi-hat", 43: "High Floor Tom", 44: "Pedal Hi-hat", 45: "Low Tom",
    46: "Open Hi-hat", 47: "Low-mid Tom", 48: "High-mid Tom", 49: "Crash", 50: "High Tom",
    51: "Ride", 52: "China", 53: "Ride Bell", 54: "Tambourine", 55: "Splash", 56: "Cowbell",
    57: "Crash 2", 58: "Vibraslap", 59: "Ride 2", 60: "High Bongo", 61: "Low Bongo",
    62: "Mute Conga", 63: "Open Conga", 64: "Low Conga", 65: "High Timbale", 66: "Low Timbale",
    67: "High Agogo", 68: "Low Agogo", 69: "Cabasa", 70: "Maracas", 71: "Short Whistle",
    72: "Long Whistle", 73: "Short Guiro", 74: "Long Guiro", 75: "Claves", 76: "High Woodblock",
    77: "Low Woodblock", 78: "Mute Cuica", 79: "Open Cuica", 80: "Mute Triangle",
    81: "Open Triangle", 82: "Shaker", 83: "Jingle Bell", 84: "Bell Tree", 85: "Castanets",
    86: "Mute Surdo", 87: "Open Surdo",
}  # fmt: skip
"""General MIDI (and GS) drum keys."""


class Keyboard(QWidget):
    """Press and glide to hear keys; Alt-click or double-click chooses every note of a key."""

    def __init__(self, roll: Roll, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.roll = roll
        self.pressed: int | None = None
        self.hovered: int | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Keys"))
        self.setToolTip(self.tr("Press to hear a key. Alt-click chooses all notes of this key."))
        self._rows: tuple[object, ...] = ()
        roll.viewport.changed.connect(self._scrolled)
        for signal in (roll.lit_changed, themes.changed):
            signal.connect(self.update)
        roll.document.changed.connect(self._changed)
        roll.document.selection.track_changed.connect(self._changed)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(DRUM_WIDTH if self.roll.is_drum else WIDTH, 200)

    def _scrolled(self) -> None:
        """Only rows are seen here; moving in time leaves them where they are."""
        coords = self.roll.viewport.coords
        rows = (coords.top, coords.row_px, coords.height, coords.keys)
        if rows != self._rows:
            self._rows = rows
            self.update()

    def _changed(self, _: object = None) -> None:
        if self.width() != self.sizeHint().width():
            self.updateGeometry()
        self.update()

    # -- drawing ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), themes.now["panel"])
        coords = self.roll.viewport.coords
        font = QFont(self.font())
        font.setPixelSize(max(8, min(11, int(coords.row_px - 2))))
        painter.setFont(font)
        for row in range(coords.row_at(0), coords.row_at(coords.height) + 1):
            pitch = coords.keys[row]
            y = round(row * coords.row_px - coords.top)
            height = round((row + 1) * coords.row_px - coords.top) - y
            box = QRectF(0, y, self.width(), height)
            if self.roll.is_drum:
                self._drum_key(painter, box, pitch)
            else:
                self._piano_key(painter, box, pitch)
        painter.fillRect(self.width() - 1, 0, 1, self.height(), themes.now["line"])

    def _piano_key(self, painter: QPainter, box: QRectF, pitch: int) -> None:
        theme = themes.now
        black = pitch % 12 in BLACK
        painter.fillRect(box, self._tinted(theme["key_white"], pitch if not black else None))
        if black:
            short = QRectF(0, box.top(), box.width() * 0.6, box.height())
            painter.fillRect(short, self._tinted(theme["key_black"], pitch))
            middle = QRectF(short.right(), box.center().y(), box.width(), 1)
            painter.fillRect(middle, theme["key_edge"])
        elif pitch % 12 in (0, 5):
            bottom = QRectF(0, box.bottom() - 1, box.width(), 1)
            painter.fillRect(bottom, theme["key_edge"])
        wanted = pitch % 12 == 0 or (pitch == self.hovered and not black)
        if (wanted and box.height() >= 7) or (self.roll.folded and box.height() >= 9):
            painter.setPen(theme["key_text"] if not black else theme["key_edge"])
            align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            if black:
                align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box.adjusted(6, 0, -6, 0), align, note_name(pitch))

    def _drum_key(self, painter: QPainter, box: QRectF, pitch: int) -> None:
        theme = themes.now
        painter.fillRect(box, self._tinted(theme["panel"], pitch))
        painter.fillRect(QRectF(0, box.bottom() - 1, box.width(), 1), theme["row_line"])
        if box.height() < 9:
            return
        known = pitch in DRUM_NAMES
        painter.setPen(theme["text"] if known else theme["faint"])
        text = DRUM_NAMES.get(pitch, note_name(pitch))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(box.adjusted(8, 0, -4, 0), flags, text)

    def _tinted(self, colour, pitch: int | None):  # type: ignore[no-untyped-def]
        theme = themes.now
        if pitch is None:
            return colour
        if pitch == self.pressed or pitch in self.roll.lit:
            return mixed(colour, theme.track(self.roll.colour), 0.75)
        return mixed(colour, theme["accent"], 0.22) if pitch == self.hovered else colour

    def hover(self, pitch: int | None) -> None:
        """Mark the key of the row the pointer is in."""
        if pitch != self.hovered:
            self.hovered = pitch
            self.update()

    # -- mouse -----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        pitch = self.roll.viewport.coords.pitch_at(event.position().y())
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._choose(pitch)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._press(pitch, event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._choose(self.roll.viewport.coords.pitch_at(event.position().y()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pitch = self.roll.viewport.coords.pitch_at(event.position().y())
        self.hover(pitch)
        if self.pressed is not None and pitch != self.pressed:
            self._press(pitch, event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.pressed = None
        self.roll.hush()
        self.update()

    def leaveEvent(self, event: object) -> None:
        self.hover(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.roll.viewport.zoom_y(1.0015 ** event.angleDelta().y(), event.position().y())
        else:
            self.roll.viewport.scroll(0, -event.angleDelta().y())

    def _press(self, pitch: int, pos: QPointF) -> None:
        """Further to the right on the key is louder, as on a pad."""
        self.pressed = pitch
        share = max(0.0, min(1.0, pos.x() / max(1, self.width())))
        self.roll.hear(pitch, 40 + round(share * 80))
        self.update()

    def _choose(self, pitch: int) -> None:
        self.roll.editor.select_where(lambda rows: rows[:, PITCH] == pitch)
