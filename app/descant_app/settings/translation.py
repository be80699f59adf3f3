"""The language of the window: files of Qt's Linguist, where there is one for this user.

`packaging/texts.py` finds a text only where it stands as a literal: in `self.tr("...")` of a
QObject, in `tr("...")` elsewhere, and in `N_("...")` in tables, whose entries `tr` translates when
they are shown.  What other processes and the engine say stays English.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from descant_app.paths import resource


def N_(text: str) -> str:
    """Marks a text of a table, under gettext's name for it."""
    return text


def tr(text: str) -> str:
    """A text in the user's language; in its own where no translation of it is installed."""
    return QCoreApplication.translate("", text)


def translate_into(app: QCoreApplication, language: QLocale | None = None) -> list[QTranslator]:
    """Install what there is of `language` (the user's own when None): Qt's texts and ours.

    Ours are `resources/translations/descant_LANGUAGE.qm`; without one everything stays English.
    """
    language = language or QLocale()
    ours, qt = QTranslator(app), QTranslator(app)
    if not ours.load(language, "descant", "_", str(resource("translations"))):
        return []  # half a translation, buttons German and menus English, is worse than none
    qt.load(language, "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    for translator in (qt, ours):
        app.installTranslator(translator)
    return [qt, ours]
