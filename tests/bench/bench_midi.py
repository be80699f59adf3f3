"""Reading MIDI files: Descant and midigpt side by side.

usage: python tests/bench/bench_midi.py FILE_OR_FOLDER ... [--peer-python PYTHON] [--rounds 5]

The rival runs in its own interpreter (`--peer-python` or DESCANT_PEER_PYTHON).  For every file and
round the two take turns; medians are compared.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from descant.midi_file import midi_bytes, read_midi

RIVAL = """
import sys, time
from midigpt import Score
for line in sys.stdin:
    start = time.perf_counter()
    try:
        Score.from_midi(line.rstrip("\\n"))
        print(time.perf_counter() - start, flush=True)
    except Exception:
        print("nan", flush=True)
"""


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


class Rival:
    def __init__(self, python: str) -> None:
        self.process = subprocess.Popen(
            [python, "-c", RIVAL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def read(self, path: Path) -> float:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


def midi_files(places: list[Path]) -> list[Path]:
    found = [p for place in places for p in (place.rglob("*.mid") if place.is_dir() else [place])]
    return sorted(found)


def measure(files: list[Path], rival: Rival, rounds: int) -> None:
    columns = "file", "bytes", "midigpt ms", "480 ms", "ratio", "whole ms", "ratio"
    print("{:32} {:>8} {:>11} {:>8} {:>7} {:>9} {:>7}".format(*columns))
    ratios, whole_ratios = [], []
    for path in files:
        turns = [
            (
                rival.read(path),
                timed(lambda path=path: read_midi(path, resolution=480)),
                timed(lambda path=path: read_midi(path)),
            )
            for _ in range(rounds)
        ]
        theirs, ours, whole = (statistics.median(column) for column in zip(*turns, strict=True))
        if theirs != theirs:
            continue
        ratios.append(theirs / ours)
        whole_ratios.append(theirs / whole)
        print(
            f"{path.name[:32]:32} {path.stat().st_size:8} {theirs * 1e3:11.3f} {ours * 1e3:8.3f}"
            f" {ratios[-1]:6.1f}x {whole * 1e3:9.3f} {whole_ratios[-1]:6.1f}x"
        )
    print(f"median ratio: {statistics.median(ratios):.1f}x at resolution 480,", end=" ")
    print(f"{statistics.median(whole_ratios):.1f}x with every event; {len(ratios)} files")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", type=Path, nargs="+")
    parser.add_argument("--peer-python", default=os.environ.get("DESCANT_PEER_PYTHON"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--every", type=int, default=1, help="take every n-th file only")
    options = parser.parse_args()
    if not options.peer_python:
        sys.exit("name the interpreter that has midigpt: --peer-python or DESCANT_PEER_PYTHON")
    files = midi_files(options.places)[:: options.every]
    measure(files, Rival(options.peer_python), options.rounds)
    scores = [read_midi(path) for path in files]
    written = [timed(lambda score=score: midi_bytes(score)) for score in scores]
    print(f"writing: median {statistics.median(written) * 1e3:.3f} ms")


if __name__ == "__main__":
    main()
