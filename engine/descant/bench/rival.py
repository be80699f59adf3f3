"""Another library on the same weights, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from descant.errors import BackendError

RIVALS = {
    "midigpt": ("midigpt torch safetensors", "pip install 'descant[peer]'"),
    "torch": ("torch", "pip install 'descant[torch]'"),
    "onnxruntime": ("onnx onnxruntime", "pip install 'descant[bench]'"),
}
"""Rivals by name: the modules they need, and where those come from."""


def rival_python(name: str) -> str:
    """The interpreter to run a rival with; midigpt's may be another, in DESCANT_PEER_PYTHON."""
    return (
        os.environ.get("DESCANT_PEER_PYTHON", sys.executable)
        if name == "midigpt"
        else (sys.executable)
    )


class Rival:
    """A rival that has loaded a checkpoint.  Raises BackendError where it is not installed."""

    def __init__(self, name: str, checkpoint: Path) -> None:
        if name not in RIVALS:
            raise BackendError(f"rival {name!r} is not one of {', '.join(RIVALS)}")
        self.name = name
        self._check_installed()
        child = Path(__file__).with_name(f"rival_{name}.py")
        self._process = subprocess.Popen(
            [rival_python(name), str(child), str(checkpoint)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "TQDM_DISABLE": "1"},
        )

    def _check_installed(self) -> None:
        needed, source = RIVALS[self.name]
        code = "import sys, importlib.util as i; sys.exit(not all(map(i.find_spec, sys.argv[1:])))"
        found = subprocess.run([rival_python(self.name), "-c", code, *needed.split()])
        if found.returncode:
            raise BackendError(f"cannot run against {self.name}: it is not installed; {source}")

    def ask(self, what: str, **details: Any) -> list[float]:
        """One measurement; "decode" gives tokens/s, "prefill" ms, "bars" ms to first and last."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps({"what": what, **details}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise BackendError(f"{self.name} ended while it was measured")
        told: list[float] = json.loads(line)
        return told

    def __enter__(self) -> Rival:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()
