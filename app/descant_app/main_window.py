"""The window: arrangement over roll, bars and docks around them.  It holds no music."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QLabel,
    QMainWindow,
    QSplitter,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from descant_app.actions import Actions
from descant_app.compose.composer import Composer
from descant_app.document.bar_editor import BarEditor
from descant_app.document.document import Document
from descant_app.panels.arrangement import ArrangementCanvas
from descant_app.panels.event_list import EventListDock
from descant_app.panels.generate import GeneratePanel
from descant_app.panels.generate_dock import GenerateDock
from descant_app.panels.job_bar import JobBar
from descant_app.panels.roll_bar import RollBar
from descant_app.panels.takes import TakeTray
from descant_app.panels.takes_chip import TakeChip
from descant_app.panels.tracks import TrackHeaders
from descant_app.panels.transport import Transport
from descant_app.piano_roll.editor_pane import EditorPane
from descant_app.piano_roll.roll import Roll
from descant_app.playback.player import Player
from descant_app.settings.options import Settings
from descant_app.settings.theme import themes

MESSAGE_MS = 6000


class MainWindow(QMainWindow):
    """`dropped(paths)` when files land on it, `closing(QCloseEvent)` when it is asked to go."""

    dropped = Signal(list)
    closing = Signal(object)

    def __init__(
        self, document: Document, settings: Settings, player: Player, composer: Composer
    ) -> None:
        super().__init__()
        self.document, self.settings, self.player = document, settings, player
        self.composer = composer
        self.roll = Roll(document, self)
        self.bars = BarEditor(document)
        self.actions_ = Actions(self, settings.shortcuts)
        self.menus = self.actions_.fill_menus(self.menuBar())
        self.transport = Transport(self.roll, self.bars, player, self.actions_)
        self.roll_bar = RollBar(self.roll, self.actions_)
        self.pane = EditorPane(self.roll)
        self.arrangement = ArrangementCanvas(self.roll)
        self.headers = TrackHeaders(document, self.arrangement)
        self.pane.set_composer(composer)
        self.arrangement.set_composer(composer)
        self.event_list = EventListDock(self.roll, self)
        self.generate = GeneratePanel(composer, self.roll, self.actions_)
        self.takes = TakeTray(composer, self.actions_)
        self.generate_dock = GenerateDock(self.generate, self.takes, self)
        self.job_bar = JobBar(composer, self.actions_)
        self.told = QLabel()
        self.under_pointer = QLabel()
        self._arrange()
        self.setAcceptDrops(True)
        self.actions_.limit_keys(self.arrangement, self.headers, self.pane)
        self.actions_.limit_keys(self.generate_dock, where=("takes",))
        document.refused.connect(self.warn)
        document.path_changed.connect(self.show_title)
        document.clean_changed.connect(self.show_title)
        self.pane.view.hovered.connect(self.under_pointer.setText)
        self.roll.told.connect(self.under_pointer.setText)
        self.show_title()

    def _arrange(self) -> None:
        self.headers.add_title_action(self.actions_["add_drums"])
        self.headers.add_title_action(self.actions_["add_track"])
        upper = QWidget()
        row = QGridLayout(upper)
        row.setSpacing(0)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.headers, 0, 0)
        row.addWidget(self.arrangement, 0, 1)
        lower = QWidget()
        column = QVBoxLayout(lower)
        column.setSpacing(0)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.roll_bar)
        column.addWidget(self.pane, 1)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(upper)
        self.splitter.addWidget(lower)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([210, 600])
        self.setCentralWidget(self.splitter)
        self.transport.put_beside_position(TakeChip(self.document.takes, self.actions_))
        top = QToolBar(self.tr("Transport"))  # over the docks too, which a central widget is not
        top.setMovable(False)
        top.setProperty("edge", True)
        top.addWidget(self.transport)
        self.addToolBar(top)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        right = Qt.DockWidgetArea.RightDockWidgetArea
        self.addDockWidget(right, self.event_list)
        self.addDockWidget(right, self.generate_dock)
        self.splitDockWidget(self.event_list, self.generate_dock, Qt.Orientation.Horizontal)
        self.event_list.hide()
        self.statusBar().addWidget(self.job_bar)
        self.statusBar().addWidget(self.told, 1)
        self.statusBar().addPermanentWidget(self.under_pointer)
        self.statusBar().setSizeGripEnabled(False)
        self.resize(1280, 800)

    # -- showing ---------------------------------------------------------------------------------

    def tell(self, text: str) -> None:
        """What happened last, in words."""
        self.told.setText(text)
        self.told.setStyleSheet("")
        self._announce(text)

    def warn(self, text: str) -> None:
        """Why something did not happen."""
        self.told.setText(text)
        self.told.setStyleSheet(f"color: {themes.now['warm'].name()}; font-weight: 600;")
        self._announce(text)

    def _announce(self, text: str) -> None:
        """Screen readers do not look at the status line by themselves."""
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.told, text))

    def show_title(self, _: object = None) -> None:
        """Name of the piece, and a mark while it is not saved."""
        self.setWindowTitle(f"{self.document.name}[*] – Descant")
        self.setWindowModified(not self.document.is_clean)
        self.setWindowFilePath(str(self.document.path or ""))

    def restore_layout(self) -> None:
        """As it was left last time."""
        state = self.settings.window
        if "geometry" in state:
            self.restoreGeometry(QByteArray.fromHex(state["geometry"].encode()))
        if "splitter" in state:
            self.splitter.restoreState(QByteArray.fromHex(state["splitter"].encode()))
        if "lanes" in state:
            self.pane.lanes.restoreState(QByteArray.fromHex(state["lanes"].encode()))
        if "levels" in state:
            self.pane.show_levels(state["levels"])
        if "takes" in state:
            self.generate_dock.splitter.restoreState(QByteArray.fromHex(state["takes"].encode()))
        self.generate_dock.setVisible(state.get("generate", True))

    def keep_layout(self) -> None:
        """Remember how it is left."""
        state = self.settings.window
        state["generate"] = not self.generate_dock.isHidden()
        for name, value in (
            ("geometry", self.saveGeometry()),
            ("splitter", self.splitter.saveState()),
            ("lanes", self.pane.lanes.saveState()),
            ("takes", self.generate_dock.splitter.saveState()),
        ):
            state[name] = bytes(value.toHex().data()).decode()
        state["levels"] = self.pane.shown_levels()
        self.settings.save()

    # -- events ----------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and event.source() is None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [u.toLocalFile() for u in event.mimeData().urls() if u.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.escape()
        else:
            super().keyPressEvent(event)

    def escape(self) -> None:
        """Stop the model; else leave a field; else stop what plays; else put the take that is shown
        aside; else let go of what is chosen."""
        focus = QApplication.focusWidget()
        if self.composer.job is not None and not self.composer.job.live:
            self.composer.stop()
        elif focus is not None and not self.splitter.isAncestorOf(focus):
            self.pane.view.setFocus()
        elif self.player.playing:
            self.player.stop()
        elif self.document.takes.shown is not None:
            self.composer.offers.show(None)
        else:
            self.document.selection.clear()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.roll.hush()
        super().changeEvent(event)
