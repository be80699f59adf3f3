"""The log: a rotating file, a tail in memory, and the last resort for what nobody caught."""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
import traceback
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

TAIL = 400
tail: deque[str] = deque(maxlen=TAIL)
"""The last lines of the log."""

rescues: list[Callable[[], None]] = []
"""Called first when an error nobody caught comes by: bring the piece to safety."""

log = logging.getLogger("descant.app")


class _Tail(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        tail.append(self.format(record))


def start_logging(folder: Path, level: str) -> None:
    """Send the loggers of Descant to a file and the tail.  DESCANT_LOG_LEVEL wins over `level`."""
    logging.raiseExceptions = False  # a full disk costs the log, not the terminal's peace too
    logger = logging.getLogger("descant")
    wanted = os.environ.get("DESCANT_LOG_LEVEL") or level
    logger.setLevel(int(wanted) if wanted.isdigit() else wanted.upper())
    form = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    file = logging.handlers.RotatingFileHandler(
        folder / "descant.log", maxBytes=512_000, backupCount=3, encoding="utf-8", delay=True
    )
    for handler in (file, _Tail()):
        handler.setFormatter(form)
        logger.addHandler(handler)


def catch_everything(show: Callable[[str, str], None]) -> None:
    """From now on an uncaught error saves the piece first, is logged, and is told by
    `show(sentence, details)`; the program goes on."""

    def caught(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        for rescue in rescues:
            try:
                rescue()
            except Exception:  # noqa: PERF203 (each copy is worth its own try)
                log.exception("a rescue copy failed")
        details = "".join(traceback.format_exception(kind, error, trace))
        log.error("uncaught: %s", details)
        show(f"{kind.__name__}: {error}", details)

    sys.excepthook = caught
