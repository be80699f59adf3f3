"""What can be known of the packages without making them."""

from __future__ import annotations

import configparser
import plistlib
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from left_out import is_left_out
from macos.info import PROJECT_TYPE, info
from repeat import differences, take_stock
from sizes import size_of, size_table

from descant_app.document.files import MIDI_SUFFIXES
from descant_app.document.project_file import SUFFIX

PACKAGING = Path(__file__).parents[2] / "packaging"
LINUX = PACKAGING / "linux"
PROJECT_MIME = "application/x-descant-project"


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        ("PySide6/Qt/lib/libQt6Quick.so.6", True),
        ("PySide6\\plugins\\platforms\\qdirect2d.dll", True),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", False),
        ("PySide6/plugins/platforms/qwindows.dll", False),
        ("PySide6/Qt/plugins/platforms/libqcocoa.dylib", False),
        ("libasound.so.2", True),
        ("libEGL.so.1", True),
        ("PySide6/Qt/plugins/iconengines/libqsvgicon.so", False),
        ("descant/resources/models/descant.safetensors", False),
    ],
)
def test_what_is_left_out(name: str, left_out: bool) -> None:
    assert is_left_out(name) is left_out


def test_desktop_files_agree_on_programs_and_types() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(LINUX / "descant.desktop", encoding="utf-8")
    offered = set(entry["Desktop Entry"]["MimeType"].strip(";").split(";"))
    assert entry["Desktop Entry"]["Exec"] == "descant %F"
    described = ElementTree.parse(LINUX / "descant.xml").getroot()
    assert {kind.attrib["type"] for kind in described} <= offered
    store = ElementTree.parse(LINUX / "org.descant.Descant.metainfo.xml").getroot()
    assert {kind.text for kind in store.iter("mediatype")} <= offered
    assert store.findtext("launchable") == "descant.desktop"


def test_every_icon_named_is_drawn() -> None:
    described = ElementTree.parse(LINUX / "descant.xml").getroot()
    names = {icon.attrib["name"] for icon in described.iter() if icon.tag.endswith("}icon")}
    assert names == {path.stem for path in (LINUX / "icons").glob("*.svg")}


def test_each_system_opens_projects_and_midi_files() -> None:
    windows = (PACKAGING / "windows" / "descant.nsi").read_text(encoding="utf-8")
    types = set(re.findall(r'OfferType "(\.\w+)"', windows))
    assert {SUFFIX, ".mid", ".midi"} <= types <= {SUFFIX, *MIDI_SUFFIXES}
    taken_back = set(re.findall(r'"\$\{CLASSES\}\\(\.\w+)(?:\\OpenWithProgids)?"', windows))
    assert types <= taken_back
    mac = plistlib.dumps(info("1.2.3"))
    assert PROJECT_TYPE.encode() in mac
    assert PROJECT_MIME.encode() in mac


def test_the_manual_names_commands_that_exist() -> None:
    from descant.cli.app import command_names

    manual = (LINUX / "descant.1").read_text(encoding="utf-8")
    named = set(re.findall(r"^\.B ([a-z]+)(?: list)?$", manual, re.M)) - {"descant"}
    assert {"infill", "models"} <= named <= set(command_names())


def test_repeated_builds_are_compared_file_by_file(tmp_path: Path) -> None:
    for name, changed in (("one", b"1"), ("two", b"2")):
        (tmp_path / name / "inner").mkdir(parents=True)
        (tmp_path / name / "inner" / "same").write_bytes(b"same")
        (tmp_path / name / "changed").write_bytes(changed)
    (tmp_path / "two" / "new").touch()
    one, two = (take_stock(tmp_path / name, []) for name in ("one", "two"))
    assert differences(one, two) == ["changed", "new"]
    assert differences(one, one) == []


def test_sizes_count_every_file_once(tmp_path: Path) -> None:
    inner = tmp_path / "_internal" / "numpy"
    inner.mkdir(parents=True)
    (inner / "a.so").write_bytes(b"12345")
    (tmp_path / "descant").write_bytes(b"123")
    (tmp_path / "descant-cli").symlink_to("descant")
    table = size_table(tmp_path)
    assert [size for _, size in table] == [5, 3]
    assert sum(size for _, size in table) == size_of(tmp_path) == 8


@pytest.mark.parametrize("script", sorted(PACKAGING.rglob("*.sh")), ids=lambda path: path.name)
def test_shell_scripts_parse(script: Path) -> None:
    shell = script.read_text(encoding="utf-8").splitlines()[0].removeprefix("#!")
    subprocess.run([shell, "-n", str(script)], check=True)
