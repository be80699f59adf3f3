"""The controls of generation: each shows the piece's setting and changes it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from descant_app.panels.choice_box import ChoiceBox
from descant_app.panels.framed_button import FramedButton
from descant_app.panels.generate_choices import MASK_MODES, RHYTHMS, Choice
from descant_app.panels.generate_edits import SettingEdits
from descant_app.panels.generate_knobs import ADVANCED, REMIX, TAKES, TEMPERATURE, Knob
from descant_app.panels.generate_presets import PRESETS, applied
from descant_app.panels.generate_slider import BarSlider
from descant_app.panels.scale_lock import ScaleLock
from descant_app.panels.seed_field import SeedField
from descant_app.piano_roll.roll import Roll
from descant_app.settings.icons import icon
from descant_app.settings.theme import themes

CAPTION_PX = 62


class SettingControls(QWidget):
    """All controls, the everyday ones above and the others folded away."""

    def __init__(self, edits: SettingEdits, roll: Roll, compare: QAction) -> None:
        super().__init__()
        self.edits, self.composer = edits, edits.composer
        self.sliders: dict[str, BarSlider] = {}
        self.idea = ChoiceBox(
            self.tr("Idea"), self.tr("Set several controls at once, by what you want")
        )
        self.idea.addItem(self.tr("Custom"))
        self.idea.add(Choice(preset, preset.title, preset.tip) for preset in PRESETS)
        self.rhythm = ChoiceBox(
            self.tr("Rhythm"), self.tr("Where in time notes may begin"), RHYTHMS
        )
        self.window_size = ChoiceBox(
            self.tr("Window"),
            self.tr("How many bars the model reads at once: more gives it more of your piece to go"
                    " by, fewer is quicker"),
        )  # fmt: skip
        self.mask_mode = ChoiceBox(
            self.tr("Hiding"),
            self.tr("How hidden bars, and those still to be written, are kept from the model"),
        )
        self.scale, self.seed = ScaleLock(edits, roll), SeedField(edits)
        self.compare = FramedButton()
        self.compare.setDefaultAction(compare)
        self.shuffle, self.fold, self.more = QToolButton(), QToolButton(), QWidget()
        self._arrange()
        self._arrange_more()
        self._connect()
        self._dress()
        self.show_model()
        self.refresh()

    # -- building --------------------------------------------------------------------------------

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 2, 12, 6)
        column.setSpacing(6)
        column.addWidget(self._captioned(self.tr("Idea"), [self.idea]))
        column.addWidget(self._slider(TEMPERATURE))
        column.addWidget(self._slider(REMIX))
        column.addLayout(self._row([self._slider(TAKES), self.window_size]))
        column.addWidget(self._captioned(self.tr("Rhythm"), [self.rhythm]))
        column.addWidget(self._captioned(self.tr("Scale"), [self.scale]))
        column.addWidget(self._captioned(self.tr("Seed"), [self.seed, self.seed.dice]))
        column.addWidget(self._captioned(self.tr("Hiding"), [self.mask_mode, self.compare]))
        column.addWidget(self.fold)
        column.addWidget(self.more)

    def _arrange_more(self) -> None:
        """What is folded away at first."""
        inner = QVBoxLayout(self.more)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(5)
        for knob in ADVANCED:
            inner.addWidget(self._slider(knob))
        self.shuffle.setText(self.tr("Steps in random order"))
        self.shuffle.setToolTip(
            self.tr("Write the steps of a long job in random order, so that later bars also shape"
                    " earlier ones")
        )  # fmt: skip
        self.shuffle.setProperty("framed", True)
        self.shuffle.setCheckable(True)
        inner.addWidget(self.shuffle)
        self.more.hide()
        self.fold.setAccessibleName(self.tr("More"))
        self.fold.setToolTip(self.tr("Filters and limits"))
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setText(self.tr("Filters and limits"))
        self.fold.setCheckable(True)
        self.fold.setProperty("plain", True)
        self.fold.setIconSize(QSize(14, 14))

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
        self.composer.model_changed.connect(self.show_model)
        themes.changed.connect(self._dress)

    def _dress(self) -> None:
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
        self.scale.refresh()
        self.seed.refresh()
        self.window_size.setCurrentIndex(max(0, self.window_size.findData(now.model_dim)))
        self.mask_mode.setCurrentIndex(max(0, self.mask_mode.findData(now.mask_mode)))
        self.shuffle.setChecked(now.shuffle)

    def show_model(self) -> None:
        """Windows and ways of hiding of the loaded model; what it cannot do, with the reason."""
        model = self.composer.model
        self.window_size.clear()
        self.window_size.addItem(self.tr("Auto window"), 0)
        for size in model.windows if model else ():
            self.window_size.addItem(self.tr("{}-bar window").format(size), size)
        self.mask_mode.clear()
        self.mask_mode.add(MASK_MODES)
        for row, choice in enumerate(MASK_MODES):
            reason = model.mask_modes.get(str(choice.value), "") if model else ""
            if reason:
                self.mask_mode.refuse(row, reason)
        self._show_refused(dict(model.refused_settings) if model else {})
        self.refresh()

    def _show_refused(self, refused: dict[str, str]) -> None:
        for name, slider in self.sliders.items():
            slider.setEnabled(name not in refused)
            slider.setToolTip(refused.get(name, slider.tip))
        if "rhythm" in refused:
            for row in range(1, len(RHYTHMS)):
                self.rhythm.refuse(row, refused["rhythm"])

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
