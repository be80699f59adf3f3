"""Which model writes: one that ships with Descant, a checkpoint file, or one of the hub's."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QFileDialog, QMenu, QSizePolicy, QToolButton

from descant_app.panels.generate_edits import SettingEdits
from descant_app.settings.icons import icon
from descant_app.settings.theme import themes


class ModelChooser(QToolButton):
    """A flat button that names the model; its menu changes it, as a step of the history."""

    def __init__(self, edits: SettingEdits) -> None:
        super().__init__()
        self.edits, self.composer = edits, edits.composer
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow behind the name
        self.setIconSize(QSize(14, 14))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Model"))
        self.setMenu(QMenu(self))
        self.menu().aboutToShow.connect(self._fill)
        self.composer.model_changed.connect(self.refresh)
        edits.changed.connect(self.refresh)
        themes.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Name the loaded model and what it is."""
        model = self.composer.model
        self.setIcon(icon("fold_out"))
        text = model.title if model else self.tr("no model yet")
        self.setText(self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, 130))
        tip = self.tr("The model that writes; press to choose another")
        if model:
            parts = (model.title, model.summary, model.licence, self._runs_on())
            tip = "\n".join(part for part in parts if part)
        self.setToolTip(tip)

    def _runs_on(self) -> str:
        model = self.composer.model
        if model is None:
            return ""
        windows = ", ".join(map(str, model.windows))
        return self.tr("Windows of {} bars; runs on {}").format(windows, model.backend)

    def _fill(self) -> None:
        menu = self.menu()
        menu.clear()
        group = QActionGroup(menu)
        now = self.edits.now.model
        bundled = self.composer.models
        first = next(iter(bundled), "")
        for name, title in bundled.items():
            action = menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(name == (now or first))
            action.triggered.connect(lambda _=False, n=name: self.choose(n))
            group.addAction(action)
        if now and now not in bundled:
            action = menu.addAction(Path(now).name)
            action.setCheckable(True)
            action.setChecked(True)
        menu.addSeparator()
        menu.addAction(self.tr("Open checkpoint…")).triggered.connect(self.open_checkpoint)
        menu.addAction(self.tr("Download from hub…")).triggered.connect(self.download)

    # -- choosing --------------------------------------------------------------------------------

    def choose(self, model: str) -> None:
        """A bundled model's name or the path of a checkpoint."""
        self.edits.put(self.tr("Choose model"), model=model)

    def open_checkpoint(self) -> None:
        """Ask for a file."""
        kinds = self.tr("Checkpoints (*.safetensors *.pt);;All files (*)")
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Open checkpoint"), "", kinds)
        if name:
            self.choose(name)

    def download(self) -> None:
        """One of the hub's models, after its licence was shown."""
        from descant_app.panels.generate_download import DownloadDialog

        dialog = DownloadDialog(self.window())
        if dialog.exec() and dialog.path is not None:
            self.choose(str(dialog.path))
        dialog.deleteLater()
