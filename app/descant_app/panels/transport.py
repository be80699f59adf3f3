"""The bar at the top: play, position, tempo, meter, output."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from descant_app.actions import Actions
from descant_app.document import structure
from descant_app.document.bar_editor import BarEditor
from descant_app.document.flat import bar_at
from descant_app.piano_roll.roll import Roll
from descant_app.playback.outputs import NONE, PORT, SYNTH, VIRTUAL
from descant_app.playback.player import Player
from descant_app.settings.icons import drawn, icon
from descant_app.settings.theme import themes


class Transport(QWidget):
    """`output_chosen(str)` with a choice as in `playback.outputs`; `meter_wanted()` asks for the
    meter's dialog."""

    output_chosen = Signal(str)
    meter_wanted = Signal()

    def __init__(self, roll: Roll, bars: BarEditor, player: Player, actions: Actions) -> None:
        super().__init__()
        self.roll, self.bars, self.player, self.actions_ = roll, bars, player, actions
        self.setProperty("bar", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.position = QLabel()
        self.position.setProperty("display", True)
        self.position.setAccessibleName(self.tr("Position"))
        self.position.setToolTip(self.tr("Bar, beat and tick of the playhead, and its time"))
        self.position.setMinimumWidth(212)
        self.position.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.tempo = QDoubleSpinBox()
        self.meter = QToolButton()
        self.output = QComboBox()
        self._arrange()
        self._connect()
        self.refresh()
        self.show_ports()

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 5, 10, 5)
        row.setSpacing(3)
        for name in ("to_start", "play", "record", "loop"):
            row.addWidget(self._button(self.actions_[name], large=name == "play"))
        row.addSpacing(8)
        row.addWidget(self.position)
        row.addSpacing(8)
        self.tempo.setRange(5, 999)
        self.tempo.setDecimals(1)
        self.tempo.setSuffix(self.tr(" bpm"))
        self.tempo.setKeyboardTracking(False)
        self.tempo.setFixedWidth(92)
        self.tempo.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.tempo.setAccessibleName(self.tr("Tempo"))
        self.tempo.setToolTip(self.tr("Tempo at the playhead, in quarter notes a minute"))
        self.meter.setAccessibleName(self.tr("Meter"))
        self.meter.setToolTip(self.tr("Meter at the playhead; press to change it"))
        self.meter.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row.addWidget(self.tempo)
        row.addWidget(self.meter)
        row.addSpacing(8)
        for name in ("metronome", "count_in", "follow"):
            row.addWidget(self._button(self.actions_[name]))
        row.addSpacing(10)
        self.beside = QHBoxLayout()
        row.addLayout(self.beside)
        row.addStretch(1)
        for name in ("undo", "redo"):
            row.addWidget(self._button(self.actions_[name]))
        row.addSpacing(12)
        row.addWidget(self._label(self.tr("Out")))
        self.output.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.output.setMinimumWidth(126)
        self.output.setMaximumWidth(172)
        self.output.setAccessibleName(self.tr("Output"))
        row.addWidget(self.output, 3)
        row.addWidget(self._button(self.actions_["panic"]))
        row.addWidget(self._button(self.actions_["palette"]))

    def put_beside_position(self, widget: QWidget) -> None:
        """Show a widget in the middle of the bar."""
        self.beside.addWidget(widget)

    def _button(self, action: QAction, large: bool = False) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setIconSize(QSize(22, 22) if large else QSize(18, 18))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(action.text())
        return button

    @staticmethod
    def _label(text: str) -> QLabel:
        label = QLabel(text)
        label.setProperty("dim", True)
        return label

    def _connect(self) -> None:
        self.roll.playhead_changed.connect(self.refresh)
        self.roll.document.changed.connect(self._changed)
        self.player.playing_changed.connect(self._show_playing)
        self.player.ports_changed.connect(self.show_ports)
        self.player.trouble_changed.connect(lambda _: self.show_ports())
        self.tempo.valueChanged.connect(self._tempo_set)
        self.meter.clicked.connect(self.meter_wanted)
        self.output.activated.connect(lambda i: self.output_chosen.emit(self.output.itemData(i)))
        themes.changed.connect(self._theme_changed)

    # -- showing ---------------------------------------------------------------------------------

    def _changed(self, _: object) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Position, tempo and meter at the playhead."""
        document, tick = self.roll.document, self.roll.playhead
        starts, score = document.starts, document.score
        meter = structure.meter_at(score, starts, tick)
        bar = bar_at(starts, tick) if len(starts) > 1 else 0
        within = tick - int(starts[bar])
        beat_ticks = 4 * score.resolution / meter[1]
        beat, rest = divmod(within, beat_ticks)
        seconds = float(self.player.timeline.seconds(tick))
        clock = f"{int(seconds // 60)}:{seconds % 60:06.3f}"
        self.position.setText(f"{bar + 1:>3}.{int(beat) + 1}.{int(rest):03d}   {clock}")
        self.meter.setText("{}/{}".format(*meter))
        if not self.tempo.hasFocus():
            self.tempo.blockSignals(True)
            self.tempo.setValue(60e6 / structure.tempo_at(score, tick))
            self.tempo.blockSignals(False)

    def show_ports(self) -> None:
        """Fill the list of outputs, keeping the choice even while its port is away."""
        choices = [(SYNTH, self.tr("Built-in synth"))]
        choices += [(PORT + name, name) for name in self.player.outputs]
        if self.player.virtual:
            choices.append((VIRTUAL, self.tr("Virtual port “Descant”")))
        choices.append((NONE, self.tr("No sound")))
        now = self.player.choice
        if now not in [c for c, _ in choices]:
            choices.append((now, self.tr("{} (away)").format(now.removeprefix(PORT))))
        self.output.blockSignals(True)
        self.output.clear()
        for choice, title in choices:
            self.output.addItem(title, choice)
        index = [c for c, _ in choices].index(now)
        self.output.setCurrentIndex(index)
        self.output.blockSignals(False)
        if self.player.trouble:  # told here at once, in words when somebody wants to hear something
            self.output.setItemIcon(index, QIcon(drawn("muted", themes.now["warm"].name(), 48)))
        self.output.setToolTip(self.player.trouble or self.tr("Where the notes go"))

    def _show_playing(self, playing: bool) -> None:
        action = self.actions_["play"]
        action.setIcon(icon("pause" if playing else "play"))
        action.setText(self.tr("Pause") if playing else self.tr("Play"))

    def _theme_changed(self) -> None:
        self._show_playing(self.player.playing)
        self.show_ports()

    def _tempo_set(self, bpm: float) -> None:
        self.bars.set_tempo(self.roll.playhead, bpm)
