"""Every text of the window is marked so that Qt's tools find it, and looked up where it is put."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import PySide6
import pytest
from PySide6.QtCore import QTranslator

import descant_app
from descant_app.actions import MENUS, SPECS
from descant_app.application import Application
from descant_app.panels.cheat_sheet import CheatSheet
from descant_app.settings.options import Options, Settings

APP = Path(descant_app.__file__).parent
COLLECT = Path(__file__).parents[2] / "packaging" / "texts.py"
NO_WORDS = re.compile(r"1/\d+[T.]?")
Text = tuple[str, str]
"""Context and source."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> set[Text]:
    """What translators would get."""
    if not Path(PySide6.__file__).with_name("lupdate").exists():
        pytest.skip("this PySide6 has no lupdate")
    path = tmp_path_factory.mktemp("texts") / "found.ts"
    subprocess.run([sys.executable, COLLECT, path], check=True, timeout=120)
    return {
        (context.findtext("name") or "", message.findtext("source") or "")
        for context in ElementTree.parse(path).iter("context")
        for message in context.iter("message")
    }


def calls() -> Iterator[tuple[Path, str, ast.Call]]:
    """Each call of `tr`, `self.tr` or `N_`, with the class that it stands in."""

    def visit(node: ast.AST, owner: str) -> Iterator[tuple[str, ast.Call]]:
        if isinstance(node, ast.ClassDef):
            owner = node.name
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("tr", "N_"):
            yield owner, node
        for child in ast.iter_child_nodes(node):
            yield from visit(child, owner)

    for path in sorted(APP.rglob("*.py")):
        for owner, call in visit(ast.parse(path.read_text(encoding="utf-8")), ""):
            yield path, owner, call


def test_there_are_three_ways_to_mark_a_text_and_two_need_it_word_for_word():
    for path, owner, call in calls():
        where, name = f"{path}:{call.lineno}", ast.unparse(call.func)
        assert name in ("tr", "self.tr", "N_"), where
        literal = isinstance(call.args[0], ast.Constant)
        assert literal or name == "tr", f"{where}: only tr() looks up what N_() marked"
        assert owner or name != "self.tr", where


def test_qts_tools_find_what_is_marked_in_the_context_it_is_looked_up_in(found: set[Text]):
    marked = {
        (owner if ast.unparse(call.func) == "self.tr" else "", call.args[0].value)
        for _, owner, call in calls()
        if isinstance(call.args[0], ast.Constant)
    }
    assert marked - found == set()
    assert found - marked == set()


def test_commands_menus_and_preferences_are_marked(found: set[Text]):
    texts = {spec.text for spec in SPECS} | {spec.tip for spec in SPECS} | set(MENUS)
    for entry in Options.__dataclass_fields__.values():
        about = entry.metadata
        texts |= {about["page"], about["title"], about["help"]}
        texts |= {title for _, title in about["choices"]}
    assert {text for text in texts if text and ("", text) not in found} == set()


class Recorder(QTranslator):
    """A language that knows nothing and remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: dict[str, set[str]] = {}

    def translate(self, context, source, disambiguation=None, n=-1) -> str | None:
        self.asked.setdefault(source, set()).add(context)
        return None

    def isEmpty(self) -> bool:  # noqa: N802
        return False


def test_what_the_window_looks_up_is_what_was_found(qapp, qtbot, tmp_path, monkeypatch, found):
    monkeypatch.setattr("descant_app.commands.filing.ask_save", lambda *_: "discard")
    monkeypatch.setattr("descant_app.settings.preferences_dialog.PreferencesDialog.exec", bool)
    recorder = Recorder()
    qapp.installTranslator(recorder)
    try:
        whole = Application(Settings(tmp_path / "s.json"))
        qtbot.addWidget(whole.window)
        whole.show([])
        whole.view.show_preferences()
        CheatSheet(whole.window.actions_, whole.window)
        whole.window.roll.editor.select_all()
        whole.undoing.document.undo_stack.undo()
        whole.window.close()
    finally:
        qapp.removeTranslator(recorder)
    ours = {context for context, _ in found}
    unknown = {
        (text, *sorted(contexts & ours))
        for text, contexts in recorder.asked.items()
        if contexts & ours and not NO_WORDS.fullmatch(text)
        if not any((context, text) in found for context in contexts)
    }
    assert unknown == set()
    assert len(recorder.asked) > 300
