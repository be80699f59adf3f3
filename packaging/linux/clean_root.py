"""The .deb on a Debian that has neither Python nor a compiler: installed, used, removed.

Needs root (debootstrap, chroot) and, on this side, Xvfb, xdotool and ImageMagick's import.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from folders import BUILD, HERE, PackagingError, run

BASE = BUILD / "debian"
ROOT = BUILD / "root"
USER = "musician"
HOME = f"/home/{USER}"
TOOLS = ("desktop-file-utils", "shared-mime-info", "libglib2.0-bin")
"""What a desktop has and the package does not depend on."""

SCREENSHOT = HERE / "screenshots" / "installed.png"
WARM_STARTS = 9


def test_in_clean_root(deb: Path) -> Iterator[str]:
    """All of it; what was seen, a line each.  Raises PackagingError at the first thing wrong."""
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        raise PackagingError("the clean root needs root and debootstrap; or --skip-clean-root")
    _make_root()
    try:
        with _screen() as display:
            yield from _steps(deb, display)
    finally:
        run("umount", ROOT / "proc")
        run("umount", ROOT / "tmp/.X11-unix")


def _steps(deb: Path, display: str) -> Iterator[str]:
    yield _install(deb)
    yield "self-test offscreen: " + _self_test(QT_QPA_PLATFORM="offscreen")
    yield "self-test on X: " + _self_test(DISPLAY=display)
    yield _first_paints(display)
    _inside("apt-get", "install", "-y", "-qq", "--no-install-recommends", *TOOLS)
    yield _opens_files(display)
    yield _refuses_without_screen()
    yield _remove()


# -- the root ---------------------------------------------------------------------------------


def _make_root() -> None:
    if not (BASE / "etc").is_dir():
        run("debootstrap", "--variant=minbase", "bookworm", BASE)
    if ROOT.exists():
        for place in ("proc", "tmp/.X11-unix"):
            subprocess.run(["umount", "-q", ROOT / place], check=False)
        shutil.rmtree(ROOT)
    run("cp", "-a", BASE, ROOT)
    (ROOT / "tmp/.X11-unix").mkdir()
    Path("/tmp/.X11-unix").mkdir(mode=0o1777, exist_ok=True)
    run("mount", "-t", "proc", "proc", ROOT / "proc")
    run("mount", "--bind", "/tmp/.X11-unix", ROOT / "tmp/.X11-unix")
    _inside("useradd", "--create-home", USER)


@contextmanager
def _screen() -> Iterator[str]:
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-ac", "-screen", "0", "1280x800x24"]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen([*command, "-nolisten", "tcp"], pass_fds=[writer], stderr=quiet)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        display = f":{pipe.readline().strip()}"
    try:
        yield display
    finally:
        server.terminate()
        server.wait()


def _words(*command: str, user: str = "", **environment: str) -> list[str]:
    home = HOME if user else "/root"
    values = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": home, "LANG": "C.UTF-8"}
    values |= {"DEBIAN_FRONTEND": "noninteractive", **environment}
    who = [f"--userspec={user}:{user}"] if user else []
    return [
        "chroot",
        *who,
        str(ROOT),
        "env",
        "-i",
        *(f"{k}={v}" for k, v in values.items()),
        *command,
    ]


def _inside(*command: str, user: str = "", **environment: str) -> str:
    return run(*_words(*command, user=user, **environment))


# -- the steps --------------------------------------------------------------------------------


def _install(deb: Path) -> str:
    before = set(_packages())
    shutil.copyfile(deb, ROOT / "tmp" / deb.name)
    _inside("apt-get", "update", "-qq")
    _inside("apt-get", "install", "-y", "-qq", "--no-install-recommends", f"/tmp/{deb.name}")
    new = set(_packages()) - before
    for tool in ("python3", "gcc", "cc"):
        if (ROOT / "usr/bin" / tool).exists():
            raise PackagingError(f"the clean root has {tool}")
    version = _inside("descant", "--version").strip()
    return f"installed with {len(new) - 1} other packages, without Python: {version}"


def _packages() -> list[str]:
    return _inside("dpkg-query", "-W", "-f=${Package}\\n").split()


def _self_test(**environment: str) -> str:
    said = _inside("descant", "--self-test", user=USER, **environment).splitlines()
    if said[-1] != "self-test passed":
        raise PackagingError("\n".join(said))
    return "; ".join(line for line in said if ": " in line)


def _first_paints(display: str) -> str:
    """Seconds from the command to the first paint of the roll, and how many of them it worked; the
    file cache is warm."""
    times, works = [], []
    for _ in range(WARM_STARTS):
        begin = time.time()
        said = _inside("descant", "--self-test", user=USER, DISPLAY=display)
        found = re.search(r"^window: painted, at ([\d.]+) after ([\d.]+) s of work", said, re.M)
        assert found, said
        times.append(float(found[1]) - begin)
        works.append(float(found[2]))
    took = f"first paint {median(times):.2f} s (median of {len(times)}, best {min(times):.2f})"
    return f"{took}, of which {median(works):.2f} s of work (best {min(works):.2f})"


def _opens_files(display: str) -> str:
    """A MIDI file and a project, opened as a file manager would."""
    examples = ROOT / "usr/lib/descant/_internal/descant/resources/examples"
    song = ROOT / HOME[1:] / "My song.mid"
    shutil.copyfile(examples / "first_light.mid", song)
    (song.parent / "x.descant").write_bytes(b"PK\x03\x04")  # GIO has a type of its own for nothing
    for name, kind in (
        ("My song.mid", "audio/midi"),
        ("x.descant", "application/x-descant-project"),
    ):
        about = _inside("gio", "info", "-a", "standard::content-type", f"{HOME}/{name}", user=USER)
        if f"standard::content-type: {kind}" not in about:
            raise PackagingError(f"{name} is not {kind}:\n{about}")
        if "descant.desktop" not in _inside("gio", "mime", kind, user=USER):
            raise PackagingError(f"Descant is not offered for {kind}")
    environment = {"DISPLAY": display, "DESCANT_DATA": ""}
    opener = subprocess.Popen(
        _words("gio", "open", f"{HOME}/My song.mid", user=USER, **environment),
        stderr=subprocess.DEVNULL,
    )
    try:
        window = _window(display, "My song")
        time.sleep(3)  # painted, and its player and model started
        SCREENSHOT.parent.mkdir(exist_ok=True)
        run("import", "-window", "root", SCREENSHOT, DISPLAY=display)
        run("xdotool", "windowfocus", window, "key", "ctrl+q", DISPLAY=display)
    finally:
        opener.wait(timeout=30)
    _wait_until_gone()
    return "a MIDI file and a project are opened by a double click"


def _window(display: str, title: str) -> str:
    environment = {**os.environ, "DISPLAY": display}
    for _ in range(300):
        done = subprocess.run(
            ["xdotool", "search", "--name", title], env=environment, capture_output=True, text=True
        )
        if done.stdout.strip():
            return done.stdout.split()[0]
        time.sleep(0.1)
    raise PackagingError(f"no window called {title} came up")


def _wait_until_gone() -> None:
    """No process of the program is left once its window is closed."""
    for _ in range(100):
        if not _running():
            return
        time.sleep(0.1)
    raise PackagingError("processes of Descant are left after its window was closed")


def _running() -> list[str]:
    program = str(ROOT / "usr/lib/descant/descant")
    return [link for link in map(str, Path("/proc").glob("[0-9]*/exe")) if _target(link) == program]


def _target(link: str) -> str:
    try:
        return os.readlink(link)
    except OSError:  # it ended meanwhile, or is a thread of the kernel
        return ""


def _refuses_without_screen() -> str:
    done = subprocess.run(_words("descant", user=USER), capture_output=True, text=True)
    if done.returncode != 2 or "needs a screen" not in done.stderr:
        raise PackagingError(f"without a screen: {done.returncode} {done.stderr}")
    return "without a screen it says so and ends with 2"


def _remove() -> str:
    kept = ROOT / HOME[1:] / ".local/share/Descant"
    fonts = kept / "soundfonts"
    fonts.mkdir(parents=True, exist_ok=True)
    (fonts / "mine.sf2").write_bytes(b"mine")
    _inside("apt-get", "purge", "-y", "-qq", "descant")
    if not (fonts / "mine.sf2").exists():
        raise PackagingError("removal took the user's data")
    left = [str(p) for p in (ROOT / "usr").rglob("*descant*")]
    if left:
        raise PackagingError(f"removal left {', '.join(left)}")
    return "removed without a trace in /usr; the user's data stayed"
