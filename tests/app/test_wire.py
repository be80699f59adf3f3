"""Messages of child processes, whatever libraries print and whatever is closed."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from descant_app.playback import wire

CHILD = """
import os, sys
from descant_app.playback import wire
if sys.argv[1] == "closed":
    os.close(2)
source, sink = wire.own_streams(sys.argv[1] == "quiet")
print("a library prints", flush=True)
os.write(2, b"and complains")
wire.write(sink, *wire.read(source))
"""


@pytest.mark.parametrize(
    ("errors", "said"),
    [("open", b"a library prints\nand complains"), ("quiet", b""), ("closed", b"")],
)
def test_prints_never_mix_with_messages(errors: str, said: bytes) -> None:
    asked = io.BytesIO()
    wire.write(asked, "hello", 1)
    command = [sys.executable, "-c", CHILD, errors]
    done = subprocess.run(command, input=asked.getvalue(), capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert wire.read(io.BytesIO(done.stdout)) == ("hello", 1)
    assert len(done.stdout) == len(asked.getvalue())
    assert done.stderr.replace(b"\r", b"") == said


def test_a_message_cut_short_is_the_end() -> None:
    whole = io.BytesIO()
    wire.write(whole, "hello")
    assert wire.read(io.BytesIO(whole.getvalue()[:-1])) is None
