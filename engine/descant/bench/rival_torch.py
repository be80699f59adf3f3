"""The torch backend in a process of its own: answers questions of `rival.py`, one JSON a line."""

from __future__ import annotations

import sys

from descant.bench.rival_network import serve
from descant.engine import InferenceEngine


def main() -> None:
    serve(InferenceEngine.from_checkpoint(sys.argv[1], backend="torch"))


if __name__ == "__main__":
    main()
