"""Replacing a file whole: after a crash or a full disk either the old or the new one is there."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


def replace_file(path: str | os.PathLike[str], data: bytes) -> None:
    """Write `data` to a new file in the same folder, then put it in the place of `path`.

    A symbolic link is followed, and the permissions of a file already there are kept.
    Raises OSError; `path` is then as it was.
    """
    with replacing(path) as file:
        file.write(data)


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """`replace_file` for data that comes in parts: an error inside leaves `path` as it was."""
    target = Path(os.path.realpath(path))
    mode = _mode_for(target)
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:32]}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _mode_for(target: Path) -> int:
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # a folder is refused by the system
        raise OSError(errno.EINVAL, "it is a device or a pipe; name a file", str(target))
    return stat.S_IMODE(mode)
