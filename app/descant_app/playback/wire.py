"""Messages between the window and a process of its own: (name, values), framed by their length.

Both ends are this program on this machine, joined by a pipe nobody else can write to.
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
from typing import IO, Any, BinaryIO

Message = tuple[Any, ...]


def write(stream: IO[bytes], *message: Any) -> None:
    """Send one message.  Raises OSError when the other end is gone."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(struct.pack("<I", len(data)) + data)
    stream.flush()


def read(stream: IO[bytes]) -> Message | None:
    """Wait for the next message; None when the other end is gone."""
    head = _exactly(stream, 4)
    if head is None:
        return None
    data = _exactly(stream, struct.unpack("<I", head)[0])
    return None if data is None else pickle.loads(data)


def _exactly(stream: IO[bytes], count: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        try:
            part = stream.read(count - len(parts))
        except (OSError, ValueError):
            return None
        if not part:
            return None
        parts += part
    return bytes(parts)


def own_streams(is_quiet: bool) -> tuple[BinaryIO, BinaryIO]:
    """Where a child process hears and tells: its standard input and output.

    What libraries print must never mix with messages: it goes to the standard error, or nowhere
    when `is_quiet` or when there is none, as under a window of Windows.
    """
    if is_quiet or not _is_open(2):  # first, or the copy of the output would become the second
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return source, sink


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
