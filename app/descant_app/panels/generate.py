"""The panel that asks the model: the big button, the plan, the model and the settings."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from descant_app.actions import Actions
from descant_app.compose.composer import Composer
from descant_app.panels import outlook_words as words
from descant_app.panels.generate_button import NOT_READY, READY, RUNNING, InfillButton
from descant_app.panels.generate_edits import SettingEdits
from descant_app.panels.generate_models import ModelChooser
from descant_app.panels.generate_settings import SettingControls
from descant_app.piano_roll.roll import Roll
from descant_app.settings.theme import themes


class GeneratePanel(QWidget):
    """Shows what the composer says and asks it through the window's commands."""

    def __init__(self, composer: Composer, roll: Roll, actions: Actions) -> None:
        super().__init__()
        self.composer, self.document, self.actions_ = composer, composer.document, actions
        self.edits = SettingEdits(composer, self)
        self.button = InfillButton()
        self.plan = QLabel()
        self.live = QToolButton()
        self.models = ModelChooser(self.edits)
        self.controls = SettingControls(self.edits, roll, actions["compare_modes"])
        self.area = QScrollArea()
        self._arrange()
        self._connect()
        self.refresh()

    def _arrange(self) -> None:
        self.setAccessibleName(self.tr("Generate"))
        heading = QLabel(self.tr("GENERATE"))
        heading.setProperty("heading", True)
        title = QHBoxLayout()
        title.setContentsMargins(12, 3, 8, 0)
        title.addWidget(heading)
        title.addWidget(self.models, 1)
        self.live.setDefaultAction(self.actions_["live"])
        self.live.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.live.setProperty("live", True)
        self.live.setFixedWidth(46)
        self.live.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        press = QHBoxLayout()
        press.setContentsMargins(12, 0, 12, 0)
        press.setSpacing(6)
        press.addWidget(self.button, 1)
        press.addWidget(self.live)
        self.plan.setWordWrap(True)
        self.plan.setContentsMargins(12, 0, 12, 0)
        self.plan.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.area.setWidget(self.controls)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        column.addLayout(title)
        column.addLayout(press)
        column.addWidget(self.plan)
        column.addWidget(self.area, 1)

    def _connect(self) -> None:
        self.button.clicked.connect(self._pressed)
        for signal in (
            self.composer.outlook_changed,
            self.composer.job_changed,
            self.composer.model_changed,
            self.document.selection.bars_changed,
            self.edits.changed,
            themes.changed,
        ):
            signal.connect(self.refresh)

    def _pressed(self) -> None:
        self.actions_["stop" if self.composer.job is not None else "generate"].trigger()

    # -- showing ---------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Button and plan as things are now."""
        native = QKeySequence.SequenceFormat.NativeText
        self.button.key = (
            self.actions_["generate"].shortcut().toString(native).replace("Return", "⏎")
        )
        job = self.composer.job
        if job is not None and not job.live:
            detail = self.tr("{} of {} bars").format(job.bars, job.all_bars)
            self.button.show_state(RUNNING, self.tr("Stop"), detail, job.share)
        elif self.composer.outlook.ready:
            self.button.show_state(READY, self.tr("Infill"), self._detail())
        else:
            self.button.show_state(NOT_READY, self.tr("Infill"), self._detail())
        self._show_plan()

    def _detail(self) -> str:
        bars = words.chosen_bars(self.document, most=1)  # there is room for one name
        if not bars:
            return self.tr("Choose bars to write")
        takes = words.takes_in_words(self.edits.now.takes)
        return f"{bars}, {takes}"

    def _show_plan(self) -> None:
        outlook = self.composer.outlook
        if outlook.problems:
            first, colour = outlook.problems[0], themes.now["warm"]
            more = len(outlook.problems) - 1
            text = first if not more else self.tr("{} (and {} more)").format(first, more)
            self.plan.setToolTip("\n".join(outlook.problems))
        else:
            text, colour = words.plan(outlook) or self._idle_text(), themes.now["dim"]
            self.plan.setToolTip(words.plan_in_full(self.document, outlook))
        self.plan.setText(text)
        self.plan.setStyleSheet(f"color: {colour.name()};")
        self.button.setToolTip(self.plan.toolTip() or text)

    def _idle_text(self) -> str:
        if self.composer.model is None:
            return self.tr("The model is being loaded.")
        return self.tr("Drag over bars in the arrangement to choose what is written.")
