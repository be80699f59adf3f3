"""The look of the toolkit's own widgets, from the theme's colours."""

from __future__ import annotations

from pathlib import Path

from descant_app.settings.theme import Theme

_SHEET = """
* { font-size: 12px; }
QMainWindow, QDialog, QWidget { color: %(text)s; }
QMainWindow, QDialog { background: %(window)s; }
QToolTip { color: %(text)s; background: %(raised)s; border: 1px solid %(line)s; padding: 4px 6px; }
QMenuBar { background: %(window)s; padding: 2px 6px; border: none; }
QMenuBar::item { padding: 4px 9px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background: %(hover)s; }
QMenu { background: %(raised)s; border: 1px solid %(line)s; border-radius: 8px; padding: 5px; }
QMenu::item { padding: 5px 26px 5px 22px; border-radius: 5px; }
QMenu::item:selected { background: %(accent)s; color: %(on_accent)s; }
QMenu::item:disabled { color: %(faint)s; }
QMenu::separator { height: 1px; background: %(line)s; margin: 5px 8px; }
QMenu::icon { padding-left: 6px; }
QToolBar { background: %(window)s; border: none; spacing: 3px; padding: 3px 6px; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 6px;
  padding: 4px; }
QToolButton:hover { background: %(hover)s; }
QToolButton:pressed { background: %(line)s; }
QToolButton:checked { background: %(raised)s; border-color: %(line)s; }
QToolButton:focus { border-color: %(accent)s; }
QToolButton::menu-indicator { image: none; }
QPushButton { background: %(raised)s; border: 1px solid %(line)s; border-radius: 6px;
  padding: 5px 14px; }
QPushButton:hover { background: %(hover)s; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QPushButton:default { background: %(accent)s; color: %(on_accent)s; border-color: %(accent)s; }
QPushButton:disabled { color: %(faint)s; }
QPushButton:focus { border-color: %(accent)s; }
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QKeySequenceEdit QLineEdit {
  background: %(field)s; border: 1px solid %(line)s; border-radius: 6px; padding: 3px 7px;
  selection-background-color: %(accent)s; selection-color: %(on_accent)s; min-height: 18px; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {
  border-color: %(accent)s; }
QSpinBox::up-button, QDoubleSpinBox::up-button, QSpinBox::down-button,
QDoubleSpinBox::down-button { width: 0; border: none; }
QComboBox { padding-right: 18px; }
QComboBox::drop-down { border: none; width: 18px; }
QComboBox::down-arrow { image: url(%(arrow)s); width: 10px; height: 10px; }
QComboBox QAbstractItemView { background: %(raised)s; border: 1px solid %(line)s; padding: 3px;
  selection-background-color: %(accent)s; selection-color: %(on_accent)s; outline: none; }
QCheckBox::indicator { width: 15px; height: 15px; border: 1px solid %(faint)s; border-radius: 4px;
  background: %(field)s; }
QCheckBox::indicator:checked { background: %(accent)s; border-color: %(accent)s;
  image: url(%(check)s); }
QCheckBox:focus { color: %(accent)s; }
QSplitter::handle { background: %(line)s; }
QSplitter::handle:vertical { height: 3px; }
QSplitter::handle:horizontal { width: 3px; }
QSplitter::handle:hover { background: %(accent)s; }
QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: 12px; }
QScrollBar:horizontal { height: 12px; }
QScrollBar::handle { background: %(hover)s; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: %(faint)s; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QStatusBar { background: %(window)s; color: %(dim)s; border-top: 1px solid %(line)s; }
QStatusBar::item { border: none; }
QStatusBar QLabel { padding: 2px 10px; }
QDockWidget { color: %(dim)s; }
QDockWidget::title { background: %(panel)s; padding: 6px 10px; }
QTableView, QListView, QTreeView { background: %(field)s; alternate-background-color: %(panel)s;
  border: 1px solid %(line)s; gridline-color: %(line)s; outline: none;
  selection-background-color: %(accent)s; selection-color: %(on_accent)s; }
QListWidget::item { padding: 4px 6px; }
QHeaderView::section { background: %(panel)s; color: %(dim)s; border: none;
  border-bottom: 1px solid %(line)s; padding: 4px 8px; }
QTabWidget::pane { border: 1px solid %(line)s; border-radius: 6px; }
QTabBar::tab { padding: 6px 14px; color: %(dim)s; border: none; }
QTabBar::tab:selected { color: %(text)s; border-bottom: 2px solid %(accent)s; }
QProgressBar { background: %(field)s; border: 1px solid %(line)s; border-radius: 5px;
  text-align: center; }
QProgressBar::chunk { background: %(accent)s; border-radius: 4px; }
QLabel[dim="true"] { color: %(dim)s; }
QLabel[lane_title="true"] { color: %(dim)s; font-size: 10px; padding-top: 6px; }
QLabel[heading="true"] { font-weight: 600; color: %(dim)s; }
QLabel[display="true"] { background: %(field)s; border: 1px solid %(line)s; border-radius: 6px;
  padding: 3px 12px; font-size: 16px; font-weight: 600; font-family: "DejaVu Sans Mono",
  "SF Mono", Consolas, monospace; }
QFrame[separator="true"] { background: %(line)s; max-width: 1px; min-width: 1px; border: none; }
QWidget[bar="true"] { background: %(panel)s; border-bottom: 1px solid %(line)s; }
QToolButton[letter="true"] { color: %(dim)s; font-weight: 700; font-size: 11px; padding: 0;
  border: 1px solid %(line)s; border-radius: 4px; }
QToolButton[letter="true"]:hover { color: %(text)s; background: %(hover)s; }
QToolBar[edge="true"] { padding: 0; spacing: 0; border: none; }
QMainWindow::separator { background: %(line)s; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: %(accent)s; }
QWidget[side="true"] { background: %(panel)s; border-left: 1px solid %(line)s; }
QWidget[side="true"] QScrollArea, QWidget[side="true"] QScrollArea > QWidget > QWidget {
  background: transparent; border: none; }
QToolButton[framed="true"] { border: 1px solid %(line)s; background: %(field)s; padding: 2px; }
QToolButton[framed="true"]:hover { background: %(hover)s; }
QToolButton[framed="true"]:checked { border-color: %(accent)s; background: %(raised)s; }
QToolButton[framed="true"]:focus { border-color: %(accent)s; }
QToolButton[live="true"] { border: 1px solid %(line)s; border-radius: 9px; font-size: 11px; }
QToolButton[live="true"]:checked { border-color: %(take)s; color: %(take)s; font-weight: 700;
  background: %(raised)s; }
QToolButton[batch="true"] { border: none; text-align: left; padding: 3px 2px; color: %(dim)s;
  font-size: 11px; }
QToolButton[batch="true"]:checked { background: transparent; }
QToolButton[batch="true"]:hover { color: %(text)s; background: %(hover)s; }
QProgressBar[take="true"] { border: none; border-radius: 3px; background: %(line)s; }
QProgressBar[take="true"]::chunk { background: %(take)s; border-radius: 3px; }
QToolButton[plain="true"]:checked { background: transparent; border-color: transparent; }
"""


def stylesheet(theme: Theme, arrow: Path, check: Path) -> str:
    """The style sheet of a theme; pictures of a combo box's arrow and of a check mark."""
    return _SHEET % {**theme.colours, "arrow": arrow.as_posix(), "check": check.as_posix()}
