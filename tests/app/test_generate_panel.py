"""The generate panel: what the button promises, every control a step of the history, presets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

import pytest
from fake_composer import MODEL, FakeComposer
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QWidget

from descant_app.actions import Actions
from descant_app.compose.job_view import JobView
from descant_app.compose.outlook import Outlook, StepOutlook
from descant_app.document.composition import TrackId
from descant_app.document.generate_settings import GenerateSettings
from descant_app.document.scales import Scale
from descant_app.panels import outlook_words as words
from descant_app.panels.generate import GeneratePanel
from descant_app.panels.generate_button import NOT_READY, READY, RUNNING
from descant_app.panels.generate_choices import MASK_MODES
from descant_app.panels.generate_knobs import ADVANCED, REMIX, TAKES, TEMPERATURE
from descant_app.panels.generate_presets import PRESETS
from descant_app.panels.generate_slider import BarSlider
from descant_app.piano_roll.roll import Roll

pytestmark = pytest.mark.compose
LEAD, BASS, DRUMS = TrackId(1), TrackId(2), TrackId(3)
BARS = frozenset((BASS, bar) for bar in range(4, 8))


@pytest.fixture
def panel(qtbot, document) -> Iterator[GeneratePanel]:
    home = QWidget()
    qtbot.addWidget(home)
    composer = FakeComposer(document)
    made = GeneratePanel(composer, Roll(document), Actions(home, {}))
    made.setParent(home)
    home.resize(292, 720)
    made.resize(292, 720)
    home.show()
    document.selection.set_bars(BARS)
    yield made
    composer.close()


def settings(panel: GeneratePanel) -> GenerateSettings:
    return panel.document.composition.settings


def slider(panel: GeneratePanel, name: str) -> BarSlider:
    return panel.controls.sliders[name]


def click(bar: BarSlider, x: int) -> None:
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(x, 10))


def choose(box: QComboBox, row: int) -> None:
    box.setCurrentIndex(row)
    box.activated.emit(row)


# -- the button and the plan -----------------------------------------------------------------------


def step(first: int = 0, last: int = 7) -> StepOutlook:
    return StepOutlook(first, last, False, BARS, 400, 120)


def test_the_button_says_what_it_would_write(panel):
    panel.composer.set_outlook(Outlook(steps=(step(), step(4, 11)), seconds=0.42))
    assert panel.button.state == READY
    assert panel.button.detail == "4 bars of Bass, 4 takes"
    assert panel.plan.text() == "2 steps  ·  1,040 tokens  ·  about 0.4 s"
    assert "writes 4 of Bass" in panel.plan.toolTip()


def test_the_plan_names_what_is_left_out(panel):
    panel.composer.set_outlook(Outlook(steps=(step(),), dropped=(LEAD, DRUMS)))
    assert panel.plan.text().endswith("2 tracks left out")
    assert "Lead, Drums" in panel.plan.toolTip()


def test_the_button_says_why_it_cannot(panel):
    problems = ("Track 2 (Bass) is locked; unlock it to write its bars.", "And so on.")
    panel.composer.set_outlook(Outlook(problems=problems))
    assert panel.button.state == NOT_READY
    assert panel.plan.text() == problems[0] + " (and 1 more)"
    assert panel.plan.toolTip() == "\n".join(problems)


def test_while_it_runs_the_button_stops(panel):
    pressed = []
    panel.actions_["stop"].triggered.connect(lambda: pressed.append("stop"))
    panel.actions_["generate"].triggered.connect(lambda: pressed.append("generate"))
    panel.button.click()
    panel.composer.running = JobView("", bars=3, all_bars=16)
    panel.composer.job_changed.emit()
    assert (panel.button.state, panel.button.title) == (RUNNING, "Stop")
    assert panel.button.detail == "3 of 16 bars"
    panel.button.click()
    assert pressed == ["generate", "stop"]


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        ([(BASS, 3)], "1 bar of Bass"),
        ([(BASS, 3), (LEAD, 3)], "2 bars of Lead and Bass"),
        ([(t, b) for t in (LEAD, BASS, DRUMS) for b in range(4)], "12 bars of 3 tracks"),
        ([], ""),
    ],
)
def test_chosen_bars_in_words(document, cells, text):
    document.selection.set_bars(cells)
    assert words.chosen_bars(document) == text


# -- knobs -----------------------------------------------------------------------------------------


def test_holding_a_slider_is_a_draft_and_letting_go_one_step(panel):
    bar, stack = slider(panel, "temperature"), panel.document.undo_stack
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(bar.width() // 2, 10))
    for x in (30, 60, 90):
        QTest.mouseMove(bar, QPoint(x, 10))
    drafts = [d.settings.temperature for d in panel.composer.drafts if d is not None]
    assert len(drafts) >= 3
    assert len(set(drafts)) == len(drafts)
    assert settings(panel).temperature == 1.0
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(90, 10))
    assert panel.composer.draft is None
    assert settings(panel).temperature == drafts[-1]
    assert stack.undoText() == "Set temperature"
    stack.undo()
    assert settings(panel).temperature == 1.0
    assert bar.number == 1.0


@pytest.mark.parametrize("knob", [TEMPERATURE, TAKES, REMIX, *ADVANCED], ids=lambda k: k.name)
def test_each_knob_reaches_both_ends_and_its_usual_value(panel, knob):
    bar = slider(panel, knob.name)
    for x, number in ((bar.width() - 1, knob.high), (0, knob.low)):
        click(bar, x)
        value = getattr(settings(panel), knob.name)
        assert value == pytest.approx(number)
        assert type(value) is type(getattr(GenerateSettings(), knob.name))
        assert bar.words(bar.number)
    click(bar, 20)
    QTest.mouseDClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(20, 10))
    assert getattr(settings(panel), knob.name) == getattr(GenerateSettings(), knob.name)


def test_a_wheel_over_the_panel_turns_nothing(panel):
    bar = slider(panel, "temperature")
    assert not bar.hasFocus()
    before = panel.document.undo_stack.index()
    panel.area.verticalScrollBar().setValue(0)
    bar.wheelEvent(_wheel())
    assert panel.document.undo_stack.index() == before


def _wheel():
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QWheelEvent

    none = Qt.KeyboardModifier.NoModifier
    return QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, 0), QPoint(0, 120), Qt.MouseButton.NoButton, none,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip


def test_every_setting_of_the_piece_has_a_control(panel):
    before = panel.document.composition
    other = GenerateSettings(
        "x",
        8,
        "remove",
        7,
        5,
        1.3,
        3.0,
        0.9,
        12,
        0.2,
        3,
        4,
        9,
        2,
        True,
        True,
        5,
        "Dorian",
        "grid",
        2,
        0.5,
    )
    assert all(getattr(other, f.name) != getattr(GenerateSettings(), f.name) for f in fields(other))
    shown = _shown(panel)
    panel.document.do("", panel.document.piece.with_composition(replace(before, settings=other)))
    assert {k for k, v in _shown(panel).items() if v == shown[k]} <= {"compare", "fold", "dice"}


def _shown(panel: GeneratePanel) -> dict[str, object]:
    controls = panel.controls
    found: dict[str, object] = {n: s.number for n, s in controls.sliders.items()}
    for name, widget in vars(controls).items():
        if isinstance(widget, QComboBox):
            found[name] = widget.currentText()
        elif isinstance(widget, QLineEdit):
            found[name] = widget.text()
        elif isinstance(widget, QAbstractButton):
            found[name] = widget.isChecked()
    return found


def test_every_control_says_what_it_does(panel):
    for widget in panel.findChildren(QWidget):
        if isinstance(widget, (BarSlider, QComboBox, QAbstractButton)) and widget.isVisibleTo(
            panel
        ):
            assert widget.toolTip(), widget.objectName() or widget
            assert widget.accessibleName() or widget.text(), widget  # type: ignore[union-attr]


# -- lists, seed, scale ----------------------------------------------------------------------------


def test_rhythm_on_a_grid_takes_the_whole_bar(panel):
    click(slider(panel, "remix"), 0)
    rows = [panel.controls.rhythm.itemText(i) for i in range(panel.controls.rhythm.count())]
    choose(panel.controls.rhythm, rows.index("On eighths"))
    now = settings(panel)
    assert (now.rhythm, now.rhythm_grid, now.remix) == ("grid", 2, 1.0)


def test_the_scale_kept_to_starts_as_that_over_the_roll(panel):
    panel.controls.scale.roll.set_scale(Scale(2, "Dorian"))
    panel.controls.scale.lock.click()
    now = settings(panel)
    assert (now.scale_lock, now.scale_root, now.scale_kind) == (True, 2, "Dorian")
    assert panel.controls.scale.kind.isEnabled()


def test_controls_of_a_row_stand_beside_one_another(panel):
    scale, seed = panel.controls.scale, panel.controls.seed
    for row in ((scale.lock, scale.root, scale.kind), (seed, seed.dice)):
        edges = [edge for part in row for edge in (part.x(), part.geometry().right())]
        assert edges == sorted(edges)
        assert all(part.width() >= 28 for part in row)


def test_a_seed_is_typed_rolled_and_let_go(panel):
    seed = panel.controls.seed
    seed.setText("42")
    seed.editingFinished.emit()
    assert settings(panel).seed == 42
    seed.dice.click()
    assert settings(panel).seed >= 0
    assert seed.text() == str(settings(panel).seed)
    seed.setText("none")
    seed.editingFinished.emit()
    assert seed.text() == str(settings(panel).seed)
    seed.clear()
    seed.editingFinished.emit()
    assert settings(panel).seed == -1


def test_a_way_of_hiding_the_model_cannot_do_gives_the_reason(panel):
    reason = "This model was not trained with hidden bars."
    panel.composer.model = replace(MODEL, mask_modes={"token": reason})
    panel.composer.model_changed.emit()
    box = panel.controls.mask_mode
    row = [choice.value for choice in MASK_MODES].index("token")
    assert not box.model().item(row).isEnabled()
    assert box.itemData(row, Qt.ItemDataRole.ToolTipRole) == reason
    assert box.model().item(row + 1).isEnabled()


def test_settings_a_model_cannot_honour_are_shut_until_another_can(panel):
    usual = slider(panel, "remix").toolTip()
    panel.composer.model = replace(MODEL, refused_settings={"remix": "No.", "rhythm": "No."})
    panel.composer.model_changed.emit()
    assert not slider(panel, "remix").isEnabled()
    assert slider(panel, "remix").toolTip() == "No."
    panel.composer.model = MODEL
    panel.composer.model_changed.emit()
    assert slider(panel, "remix").isEnabled()
    assert slider(panel, "remix").toolTip() == usual


def test_the_windows_are_those_of_the_model(panel):
    box = panel.controls.window_size
    assert [box.itemData(i) for i in range(box.count())] == [0, 4, 8]
    choose(box, 2)
    assert settings(panel).model_dim == 8


# -- presets and models ----------------------------------------------------------------------------


@pytest.mark.parametrize("row", range(1, len(PRESETS) + 1))
def test_a_preset_is_one_step_and_shows_its_name(panel, row):
    preset, stack = PRESETS[row - 1], panel.document.undo_stack
    click(slider(panel, "temperature"), 0)
    index = stack.index()
    choose(panel.controls.idea, row)
    assert stack.index() == index + 1
    assert all(getattr(settings(panel), k) == v for k, v in preset.changes.items())
    if not preset.thicker:
        assert panel.controls.idea.currentText() == preset.title
    stack.undo()
    assert panel.controls.idea.currentText() == "Custom"


def test_thicken_paints_above_what_is_there(panel):
    panel.composer.levels[BASS] = {"bar_note_density": [1] * 8}
    names = [preset.title for preset in PRESETS]
    choose(panel.controls.idea, names.index("Thicken") + 1)
    levels = panel.document.composition.levels
    assert levels[BASS, "bar_note_density"] == dict.fromkeys(range(4, 8), 3)
    choose(panel.controls.idea, names.index("Thin out") + 1)
    choose(panel.controls.idea, names.index("Thin out") + 1)
    levels = panel.document.composition.levels
    assert levels[BASS, "bar_note_density"] == dict.fromkeys(range(4, 8), 0)


def test_choosing_a_model_is_a_step_and_the_button_names_it(panel):
    panel.models.choose("/there/big.safetensors")
    assert settings(panel).model == "/there/big.safetensors"
    panel.models._fill()
    texts = [action.text() for action in panel.models.menu().actions()]
    assert "big.safetensors" in texts
    assert texts[-2:] == ["Open checkpoint…", "Download from hub…"]
    assert panel.models.text() == "Fake"
    panel.document.undo_stack.undo()
    assert settings(panel).model == ""


def test_the_licence_is_shown_before_anything_is_downloaded(panel, qtbot, monkeypatch):
    from descant.model.pretrained import Licence, LicenceNotAcceptedError
    from descant_app.panels import generate_download

    def fetch(name: str, repository: str):
        raise LicenceNotAcceptedError(name, Licence(repository, "cc-by-nc-4.0", "https://x.org/l"))

    monkeypatch.setattr(generate_download, "fetch_pretrained", fetch)
    dialog = generate_download.DownloadDialog(panel)
    dialog.go.click()
    qtbot.waitUntil(lambda: dialog.go.isEnabled(), timeout=5000)
    assert "cc-by-nc-4.0" in dialog.about.text()
    assert dialog.go.text() == "Accept and download"
    assert dialog.process is None
    dialog.name.setEditText("another")
    assert dialog.go.text() == "Show licence"
    dialog.reject()


def test_without_the_hub_one_sentence_says_how(panel, qtbot, monkeypatch):
    from descant.errors import BackendError
    from descant_app.panels import generate_download

    def fetch(name: str, repository: str):
        raise BackendError("fetching trained models needs huggingface_hub; install it")

    monkeypatch.setattr(generate_download, "fetch_pretrained", fetch)
    dialog = generate_download.DownloadDialog(panel)
    dialog.go.click()
    qtbot.waitUntil(lambda: dialog.go.isEnabled(), timeout=5000)
    assert "huggingface_hub" in dialog.about.text()
    assert dialog.go.text() == "Show licence"
    dialog.reject()
