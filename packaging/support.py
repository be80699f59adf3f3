"""PySide's part in Python, compiled beforehand.

It lies as source in a library and is compiled at every start, unless there is a folder `files.dir`,
which PySide writes where SBK_EMBED is 0.
"""

from __future__ import annotations

import py_compile
from collections.abc import Iterator
from pathlib import Path

import shiboken6

PLACE = "shiboken6/files.dir"
STUB_WRITER = "pyi_generator.py"
"""Writes stubs for editors; imported at every start, so an empty one takes its place."""


def compiled_support(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Compile all of it into `folder`; PyInstaller's entries: name, path on this machine, kind."""
    sources = Path(shiboken6.__file__).parent / "files.dir"
    empty = folder / STUB_WRITER
    folder.mkdir(parents=True, exist_ok=True)
    empty.touch()
    for source in sorted(sources.glob("shibokensupport/**/*.py")):
        name = source.relative_to(sources)
        compiled = folder / name.with_suffix(".pyc")
        py_compile.compile(
            str(empty if source.name == STUB_WRITER else source),
            str(compiled),
            dfile=name.as_posix(),
            doraise=True,
            optimize=1,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
        yield f"{PLACE}/{name.with_suffix('.pyc').as_posix()}", str(compiled), "DATA"
