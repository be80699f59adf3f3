"""The bundle as a Debian package and as a folder to unpack anywhere."""

from __future__ import annotations

import datetime
import gzip
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from folders import BUILD, BUNDLE, HERE, OUT, PYTHON, SOURCE, commit_time, run

LINUX = HERE / "linux"
TREE = BUILD / "deb"
HOME = "usr/lib/descant"
MAINTAINER = "The Descant authors <descant@localhost>"
ALSO = ("libfontconfig1", "libegl1", "libgl1")
"""Qt opens these by name when it draws; nothing is linked to them."""

FONTS = "fonts-dejavu-core | fonts-liberation | fonts-noto-core"


def make_deb(version: str) -> Path:
    """`descant_VERSION_ARCH.deb`."""
    shutil.rmtree(TREE, ignore_errors=True)
    shutil.copytree(BUNDLE, TREE / HOME, symlinks=True)
    _put_links()
    put_desktop_files(TREE / "usr", version)
    _put_documents(version)
    architecture = run("dpkg", "--print-architecture").strip()
    _put_control(version, architecture)
    _set_modes(TREE)
    target = OUT / f"descant_{version}_{architecture}.deb"
    compress = ("-Zzstd", "-z15")  # as good as xz here, and a quarter of its time
    run("dpkg-deb", "--root-owner-group", *compress, "--build", TREE, target, **_date())
    return target


def make_portable(version: str) -> Path:
    """`descant-VERSION-linux-MACHINE.tar.xz`: unpack and start `descant`."""
    machine = os.uname().machine
    name = f"descant-{version}-linux-{machine}"
    folder = BUILD / "portable" / name
    shutil.rmtree(folder.parent, ignore_errors=True)
    shutil.copytree(BUNDLE, folder, symlinks=True)
    put_desktop_files(folder, version)
    _set_modes(folder)
    target = OUT / f"{name}.tar.xz"
    owned = (
        "--sort=name",
        "--owner=0",
        "--group=0",
        "--numeric-owner",
        f"--mtime=@{commit_time()}",
    )
    run("tar", *owned, "-C", folder.parent, "-cJf", target, name, XZ_OPT="-6 -T2")
    return target


# -- parts ------------------------------------------------------------------------------------


def _put_links() -> None:
    programs = TREE / "usr" / "bin"
    programs.mkdir(parents=True)
    for name in ("descant", "descant-cli"):
        (programs / name).symlink_to(f"../lib/descant/{name}")


def put_desktop_files(prefix: Path, version: str) -> None:
    """What tells a desktop of the program and its files, under `prefix`/share."""
    share = prefix / "share"
    for name, place in (
        ("descant.desktop", "applications"),
        ("descant.xml", "mime/packages"),
        ("org.descant.Descant.metainfo.xml", "metainfo"),
        ("descant.1", "man/man1"),
    ):
        (share / place).mkdir(parents=True, exist_ok=True)
        (share / place / name).write_text(_filled(LINUX / name, version), encoding="utf-8")
    app = SOURCE / "resources" / "icons" / "descant.svg"
    _put_icon(app, share, "apps")
    for icon in sorted((LINUX / "icons").glob("*.svg")):
        _put_icon(icon, share, "mimetypes")


def _put_icon(svg: Path, share: Path, kind: str) -> None:
    scalable = share / "icons/hicolor/scalable" / kind
    scalable.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(svg, scalable / svg.name)
    for size in (48, 128):
        png = share / f"icons/hicolor/{size}x{size}" / kind / f"{svg.stem}.png"
        run(PYTHON, HERE / "icons.py", svg, png, size)


def _put_documents(version: str) -> None:
    folder = TREE / "usr/share/doc/descant"
    folder.mkdir(parents=True)
    own = (SOURCE / "LICENSE").read_text(encoding="utf-8")
    notice = (SOURCE / "NOTICE").read_text(encoding="utf-8")
    others = (
        f"The licences of the parts by others are in /{HOME}/_internal/descant/resources/licences."
    )
    (folder / "copyright").write_text("\n".join([own, notice, others, ""]), encoding="utf-8")
    _put_packed(folder / "changelog.gz", (SOURCE / "CHANGELOG.md").read_bytes())
    manual = TREE / "usr/share/man/man1"
    _put_packed(manual / "descant.1.gz", (manual / "descant.1").read_bytes())
    (manual / "descant.1").unlink()
    (manual / "descant-cli.1.gz").symlink_to("descant.1.gz")


def _put_packed(path: Path, data: bytes) -> None:
    path.write_bytes(gzip.compress(data, 9, mtime=0))


def _put_control(version: str, architecture: str) -> None:
    size = sum(f.lstat().st_size for f in TREE.rglob("*") if f.is_file()) // 1024
    control = f"""Package: descant
Version: {version}
Architecture: {architecture}
Maintainer: {MAINTAINER}
Installed-Size: {size}
Depends: {", ".join([*system_libraries(), FONTS])}
Section: sound
Priority: optional
Description: piano roll that composes with you
 Mark the bars of a MIDI file that are not good yet, press one key, and hear
 new ones in the context of your own arrangement: in a fraction of a second,
 on a laptop, offline.
 .
 Synthesiser, SoundFont and model are included.
"""
    (TREE / "DEBIAN").mkdir()
    (TREE / "DEBIAN/control").write_text(control, encoding="utf-8")


def system_libraries() -> list[str]:
    """Debian packages of the libraries that the bundle wants and does not have."""
    wanted, there = set(), set()
    for path in BUNDLE.rglob("*"):
        there.add(path.name)
        if path.is_file() and not path.is_symlink():
            wanted.update(_needed(path))
    packages = {_package(name) for name in wanted - there}
    return [*sorted({*packages, *ALSO} - {"", "libc6"}), _libc()]


def _needed(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        if file.read(4) != b"\x7fELF":
            return
    yield from re.findall(r"\(NEEDED\).*\[(.+)\]", run("readelf", "-d", path))


def _package(library: str) -> str:
    done = subprocess.run(["dpkg", "-S", f"*/{library}"], capture_output=True, text=True)
    name = done.stdout.split(":")[0] if done.returncode == 0 else ""
    return {"libasound2": "libasound2 | libasound2t64"}.get(name, name)


def _libc() -> str:
    return f"libc6 (>= {os.confstr('CS_GNU_LIBC_VERSION').split()[1]})"


def _filled(template: Path, version: str) -> str:
    day = datetime.datetime.fromtimestamp(int(commit_time()), datetime.timezone.utc).date()
    text = template.read_text(encoding="utf-8")
    return text.replace("@VERSION@", version).replace("@DATE@", day.isoformat())


def _set_modes(tree: Path) -> None:
    """As Debian wants them, whatever the umask here is."""
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            runs = path.is_dir() or path.name in ("descant", "descant-cli", "postinst", "postrm")
            path.chmod(0o755 if runs else 0o644)


def _date() -> dict[str, str]:
    return {"SOURCE_DATE_EPOCH": commit_time()}
