"""Work that waits for a thread; of each kind only the newest."""

from __future__ import annotations

import threading
from collections.abc import Callable

Call = Callable[[], None]


class Mailbox:
    """Calls by key, in the order their keys came; a newer call of a key replaces the older."""

    def __init__(self) -> None:
        self._waiting: dict[str, Call] = {}
        self._changed = threading.Condition()

    def put(self, key: str, call: Call) -> None:
        """To be done, instead of what waits under this key."""
        with self._changed:
            self._waiting[key] = call
            self._changed.notify()

    @property
    def is_waiting(self) -> bool:
        """Whether there is something to do."""
        return bool(self._waiting)

    def take(self) -> Call:
        """Wait for the next call."""
        with self._changed:
            while not self._waiting:
                self._changed.wait()
            key = next(iter(self._waiting))
            return self._waiting.pop(key)
