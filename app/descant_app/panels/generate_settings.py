"""The controls of generation: each shows the piece's setting and changes it."""

from __future__ import annotations

import random
from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from descant_app.document.scales import ROOTS, SCALES
from descant_app.panels.generate_choices import MASK_MODES, RHYTHMS, Choice
from descant_app.panels.generate_edits import SettingEdits
from descant_app.panels.generate_knobs import ADVANCED, REMIX, TAKES, TEMPERATURE, Knob
from descant_app.panels.generate_presets import PRESETS, applied
from descant_app.panels.generate_slider import HEIGHT_PX, BarSlider
from descant_app.piano_roll.roll import Roll
from descant_app.settings.icons import icon
from descant_app.settings.theme import themes
from descant_app.settings.translation import tr

CAPTION_PX = 62
TIP = Qt.ItemDataRole.ToolTipRole


class SettingControls(QWidget):
    """All controls, the everyday ones above and the others folded away."""

    def __init__(self, edits: SettingEdits, roll: Roll, compare: QAction) -> None:
        super().__init__()
        self.edits, self.roll, self.composer = edits, roll, edits.composer
        self.sliders: dict[str, BarSlider] = {}
        self.idea, self.rhythm = QComboBox(), QComboBox()
        self.window_size, self.mask_mode = QComboBox(), QComboBox()
        self.lock, self.root, self.scale = QToolButton(), QComboBox(), QComboBox()
        self.seed, self.dice = QLineEdit(), QToolButton()
        self.compare = QToolButton()
        self.compare.setDefaultAction(compare)
        self.shuffle = QToolButton()
        self.fold, self.more = QToolButton(), QWidget()
        self._fill()
        self._arrange()
        for box in (*self.findChildren(QComboBox), self.seed):
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            box.installEventFilter(self)
        self._connect()
        self._dress()
        self.show_model()
        self.refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """A panel being scrolled must not turn its lists; Enter in the seed is no command."""
        enter = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if watched is self.seed and event.type() == QEvent.Type.ShortcutOverride:
            if isinstance(event, QKeyEvent) and event.key() in enter:
                event.accept()
                return True
        elif event.type() == QEvent.Type.Wheel and isinstance(watched, QComboBox):
            event.ignore()
            return not watched.hasFocus()
        return super().eventFilter(watched, event)

    # -- building --------------------------------------------------------------------------------

    def _fill(self) -> None:
        self.idea.addItem(self.tr("Custom"))
        for preset in PRESETS:
            self._add(self.idea, Choice(preset, preset.title, preset.tip))
        for choice in RHYTHMS:
            self._add(self.rhythm, choice)
        self.root.addItems(ROOTS)
        self.scale.addItems(list(SCALES))
        for part, name, tip in (
            (self.idea, self.tr("Idea"), self.tr("Set several controls at once, by what you want")),
            (self.rhythm, self.tr("Rhythm"), self.tr("Where in time notes may begin")),
            (self.lock, self.tr("Keep to a scale"),
             self.tr("Write only notes of this scale; it starts as the scale over the roll")),
            (self.root, self.tr("Root of the scale kept to"), self.tr("Root of the scale kept to")),
            (self.scale, self.tr("Scale kept to"), self.tr("Write only notes of this scale")),
            (self.seed, self.tr("Seed"),
             self.tr("The same seed with the same bars and settings gives the same notes; empty is"
                     " new each time")),
            (self.dice, self.tr("Roll a seed"),
             self.tr("Roll a seed and hold it, to hear what a setting alone does")),
            (self.window_size, self.tr("Window"),
             self.tr("How many bars the model reads at once: more gives it more of your piece to go"
                     " by, fewer is quicker")),
            (self.mask_mode, self.tr("Hiding"),
             self.tr("How hidden bars, and those still to be written, are kept from the model")),
            (self.shuffle, self.tr("Steps in random order"),
             self.tr("Write the steps of a long job in random order, so that later bars also shape"
                     " earlier ones")),
            (self.fold, self.tr("More"), self.tr("Filters and limits")),
        ):  # fmt: skip
            part.setAccessibleName(name)
            part.setToolTip(tip)

    @staticmethod
    def _add(box: QComboBox, choice: Choice) -> None:
        box.addItem(tr(choice.title), choice.value)
        box.setItemData(box.count() - 1, tr(choice.tip), TIP)

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 2, 12, 6)
        column.setSpacing(6)
        column.addWidget(self._captioned(self.tr("Idea"), [self.idea]))
        column.addWidget(self._slider(TEMPERATURE))
        column.addWidget(self._slider(REMIX))
        column.addLayout(self._row([self._slider(TAKES), self.window_size]))
        column.addWidget(self._captioned(self.tr("Rhythm"), [self.rhythm]))
        column.addWidget(self._captioned(self.tr("Scale"), [self.lock, self.root, self.scale]))
        column.addWidget(self._captioned(self.tr("Seed"), [self.seed, self.dice]))
        column.addWidget(self._captioned(self.tr("Hiding"), [self.mask_mode, self.compare]))
        column.addWidget(self.fold)
        column.addWidget(self.more)
        inner = QVBoxLayout(self.more)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(5)
        for knob in ADVANCED:
            inner.addWidget(self._slider(knob))
        self.shuffle.setText(self.tr("Steps in random order"))
        self.shuffle.setCheckable(True)
        inner.addWidget(self.shuffle)
        self.more.hide()
        for box in (
            self.idea,
            self.rhythm,
            self.scale,
            self.mask_mode,
            self.seed,
            self.window_size,
        ):
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.root.setFixedWidth(58)
        for button in (self.lock, self.dice, self.compare):
            button.setFixedSize(28, HEIGHT_PX)
            button.setIconSize(QSize(16, 16))
            button.setProperty("framed", True)
        self.lock.setCheckable(True)
        self.shuffle.setProperty("framed", True)
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setText(self.tr("Filters and limits"))
        self.fold.setCheckable(True)
        self.fold.setProperty("plain", True)
        self.fold.setIconSize(QSize(14, 14))
        self.seed.setClearButtonEnabled(True)
        self.seed.setMaxLength(10)

    def _captioned(self, caption: str, parts: list[QWidget]) -> QWidget:
        whole = QWidget()
        label = QLabel(caption)
        label.setProperty("dim", True)
        label.setFixedWidth(CAPTION_PX)
        row = self._row([label, *parts])
        row.setContentsMargins(0, 0, 0, 0)
        whole.setLayout(row)
        return whole

    @staticmethod
    def _row(parts: Iterable[QWidget]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(5)
        for part in parts:
            stretches = not isinstance(part, (QLabel, QToolButton))
            row.addWidget(part, int(stretches))
        return row

    def _slider(self, knob: Knob) -> BarSlider:
        slider = self.sliders[knob.name] = knob.slider()
        slider.moved.connect(lambda number: self.edits.hold(**{knob.name: knob.value(number)}))
        slider.settled.connect(lambda number: self._settle(knob, number))
        return slider

    def _connect(self) -> None:
        self.idea.activated.connect(self._set_idea)
        self.rhythm.activated.connect(self._set_rhythm)
        self.lock.clicked.connect(self._set_lock)
        self.root.activated.connect(self._set_scale)
        self.scale.activated.connect(self._set_scale)
        self.seed.editingFinished.connect(self._set_seed)
        self.seed.textEdited.connect(lambda text: None if text else self._set_seed())
        self.dice.clicked.connect(self._roll_seed)
        self.window_size.activated.connect(
            lambda i: self.edits.put(self.tr("Set window"), model_dim=self.window_size.itemData(i))
        )
        self.mask_mode.activated.connect(
            lambda i: self.edits.put(self.tr("Set hiding"), mask_mode=self.mask_mode.itemData(i))
        )
        self.shuffle.clicked.connect(
            lambda on: self.edits.put(self.tr("Set order of steps"), shuffle=on)
        )
        self.fold.toggled.connect(self._unfold)
        self.edits.changed.connect(self.refresh)
        self.edits.document.takes.changed.connect(self._show_last_seed)
        self.composer.model_changed.connect(self.show_model)
        themes.changed.connect(self._dress)

    def _dress(self) -> None:
        self.dice.setIcon(icon("dice"))
        self.lock.setIcon(icon("lock"))
        self._unfold(self.fold.isChecked())

    def _unfold(self, on: bool) -> None:
        self.fold.setIcon(icon("fold_out" if on else "fold_in", on="text"))
        self.more.setVisible(on)

    # -- showing ---------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the settings of the piece."""
        now = self.edits.now
        for name, slider in self.sliders.items():
            slider.show_number(float(getattr(now, name)))
        idea = next((i for i, preset in enumerate(PRESETS, 1) if preset.fits(now)), 0)
        self.idea.setCurrentIndex(idea)
        grid = now.rhythm_grid if now.rhythm == "grid" else 4
        values = [choice.value for choice in RHYTHMS]
        wanted = (now.rhythm, grid)
        self.rhythm.setCurrentIndex(values.index(wanted) if wanted in values else 0)
        self.lock.setChecked(now.scale_lock)
        self.root.setCurrentIndex(now.scale_root)
        self.scale.setCurrentText(now.scale_kind)
        for box in (self.root, self.scale):
            box.setEnabled(now.scale_lock)
        self.seed.setText(str(now.seed) if now.seed >= 0 else "")
        self.window_size.setCurrentIndex(max(0, self.window_size.findData(now.model_dim)))
        self.mask_mode.setCurrentIndex(max(0, self.mask_mode.findData(now.mask_mode)))
        self.shuffle.setChecked(now.shuffle)
        self._show_last_seed()

    def _show_last_seed(self) -> None:
        takes = self.edits.document.takes.takes
        last = takes[max(takes)].seed if takes else None
        text = self.tr("new each time")
        self.seed.setPlaceholderText(text if last is None else self.tr("new; last {}").format(last))

    def show_model(self) -> None:
        """Windows and ways of hiding of the loaded model; what it cannot do, with the reason."""
        model = self.composer.model
        self.window_size.clear()
        self.window_size.addItem(self.tr("Auto window"), 0)
        for size in model.windows if model else ():
            self.window_size.addItem(self.tr("{}-bar window").format(size), size)
        self.mask_mode.clear()
        for choice in MASK_MODES:
            self._add(self.mask_mode, choice)
        for row, choice in enumerate(MASK_MODES):
            reason = model.mask_modes.get(str(choice.value), "") if model else ""
            if reason:
                self._refuse(self.mask_mode, row, reason)
        self._show_refused(dict(model.refused_settings) if model else {})
        self.refresh()

    @staticmethod
    def _refuse(box: QComboBox, row: int, reason: str) -> None:
        items = box.model()
        assert isinstance(items, QStandardItemModel)
        items.item(row).setEnabled(False)
        box.setItemData(row, reason, TIP)

    def _show_refused(self, refused: dict[str, str]) -> None:
        for name, slider in self.sliders.items():
            slider.setEnabled(name not in refused)
            slider.setToolTip(refused.get(name, slider.tip))
        if "rhythm" in refused:
            for row in range(1, len(RHYTHMS)):
                self._refuse(self.rhythm, row, refused["rhythm"])

    # -- changing --------------------------------------------------------------------------------

    def _settle(self, knob: Knob, number: float) -> None:
        label = self.tr("Set {}").format(knob.caption.lower())
        self.edits.put(label, f"setting {knob.name}", **{knob.name: knob.value(number)})

    def _set_idea(self, row: int) -> None:
        if row:
            preset = PRESETS[row - 1]
            self.edits.put_all(
                self.tr("Idea: {}").format(preset.title), applied(preset, self.composer)
            )
        self.refresh()

    def _set_rhythm(self, row: int) -> None:
        rhythm, grid = self.rhythm.itemData(row)
        changes = {"rhythm_grid": grid} if rhythm == "grid" else {}
        if rhythm == "grid":  # a share of the notes can only change where their rhythm stays
            changes["remix"] = 1.0
        self.edits.put(self.tr("Set rhythm"), rhythm=rhythm, **changes)

    def _set_lock(self, on: bool) -> None:
        scale = self.roll.scale
        found = {"scale_root": scale.root, "scale_kind": scale.kind} if on and scale else {}
        label = self.tr("Keep to a scale") if on else self.tr("Leave the scale open")
        self.edits.put(label, scale_lock=on, **found)

    def _set_scale(self) -> None:
        self.edits.put(
            self.tr("Set scale"),
            scale_root=self.root.currentIndex(),
            scale_kind=self.scale.currentText(),
        )

    def _set_seed(self) -> None:
        text = self.seed.text().strip()
        if text and not text.isdigit():
            self.refresh()
            return
        self.edits.put(self.tr("Set seed"), seed=min(int(text), 2**31 - 1) if text else -1)

    def _roll_seed(self) -> None:
        self.edits.put(self.tr("Roll a seed"), seed=random.SystemRandom().randrange(100_000))
