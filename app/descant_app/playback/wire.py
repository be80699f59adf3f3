"""Messages between the window and a process of its own: (name, values), framed by their length.

Both ends are this program on this machine, joined by a pipe nobody else can write to.
"""

from __future__ import annotations

import pickle
import struct
from typing import IO, Any

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
