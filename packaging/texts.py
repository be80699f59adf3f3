"""Collects the window's texts for translators: python packaging/texts.py FILE.ts [LANGUAGE]

What is in FILE already is kept.  It is translated in `pyside6-linguist FILE.ts`, and becomes what
the window speaks by `pyside6-lrelease FILE.ts -qm resources/translations/descant_LANGUAGE.qm`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import PySide6

APP = Path(__file__).resolve().parents[1] / "app" / "descant_app"
LUPDATE = Path(PySide6.__file__).with_name("lupdate.exe" if sys.platform == "win32" else "lupdate")
TABLES = "QT_TR_NOOP+=N_"
"""What marks texts in tables; see `descant_app.settings.translation`."""


def collect(file: Path, language: str = "en") -> None:
    """Write or bring up to date a file of Qt's Linguist."""
    sources = sorted(APP.rglob("*.py"))
    command = [LUPDATE, "-silent", "-tr-function-alias", TABLES, "-target-language", language]
    subprocess.run([*command, *sources, "-ts", file], check=True)


if __name__ == "__main__":
    collect(Path(sys.argv[1]), *sys.argv[2:3])
