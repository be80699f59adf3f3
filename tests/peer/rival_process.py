"""The other side of `rival.py`: one midigpt process for many requests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

PATIENCE_S = 120


def rival_python() -> str:
    """The interpreter that has midigpt: DESCANT_PEER_PYTHON, else this one."""
    return os.environ.get("DESCANT_PEER_PYTHON", sys.executable)


def missing() -> str | None:
    """Why there is no rival, or None when there is one."""
    code = "import importlib.metadata as m, torch, safetensors; print(m.version('midigpt'))"
    done = subprocess.run([rival_python(), "-c", code], capture_output=True, text=True)
    version = done.stdout.strip()
    if done.returncode:
        return (
            "no midigpt with torch and safetensors here: pip install 'descant[peer]', or name a "
            "Python that has them in DESCANT_PEER_PYTHON"
        )
    return None if version == "0.4.2" else f"midigpt is {version}; compared is 0.4.2"


class Rival:
    """Ask first, then fetch the answer: the two sides work at the same time."""

    def __init__(self) -> None:
        quiet = {**os.environ, "TQDM_DISABLE": "1"}
        self._process = subprocess.Popen(
            [rival_python(), str(Path(__file__).with_name("rival.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=quiet,
        )

    def ask(self, case: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(case) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        watchdog = threading.Timer(PATIENCE_S, self._process.kill)
        watchdog.start()
        try:
            line = self._process.stdout.readline()
        finally:
            watchdog.cancel()
        assert line, "midigpt died, or took too long, over this request"
        told: dict[str, Any] = json.loads(line)
        assert "crashed" not in told, told["crashed"]
        return told

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.wait(timeout=PATIENCE_S)
