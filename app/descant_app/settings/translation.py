"""The language of the window: files that Qt's Linguist makes, where there is one for this user."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from descant_app.paths import resource


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
