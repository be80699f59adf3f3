"""A JACK server of our own, without a sound device: real MIDI and audio ports for tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from unittest import mock

ORDINARY = ("-r", "-d", "dummy", "-r", "44100", "-p", "1024")
"""Without real time a busy machine misses periods of 3 ms, and JACK drops what was in them."""
QUICK = ("-d", "dummy", "-r", "48000", "-p", "48")
REAL_TIME = ("-R", "-P", "60", *QUICK)
"""As musicians run it; needs the right to real-time priorities."""


@cache
def has_jack() -> bool:
    """Whether a JACK server starts here: killed ones can fill JACK's list of servers."""
    if any(shutil.which(tool) is None for tool in ("jackd", "jack_wait")):
        return False
    try:
        with jack_server():
            return True
    except subprocess.CalledProcessError:
        return False


@contextmanager
def jack_server(options: Sequence[str] = ORDINARY) -> Iterator[subprocess.Popen[bytes]]:
    """The server, ready; whatever is started meanwhile uses it."""
    name = f"descant{os.getpid()}"
    server = subprocess.Popen(
        ["jackd", "-n", name, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait = ["jack_wait", "-s", name, "-w", "-t", "20"]
        subprocess.run(wait, capture_output=True, check=True)
        with mock.patch.dict(os.environ, JACK_DEFAULT_SERVER=name):
            yield server
    finally:
        server.terminate()  # a killed one stays in the list of servers, which holds eight
        server.wait(timeout=10)
