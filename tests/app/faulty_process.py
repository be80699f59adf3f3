"""The model's process with faults: now and then a job raises, aborts, or never comes to an end.

Run as a program, by tests.  `FAULTS` in the environment is the share of jobs that go wrong.
"""

from __future__ import annotations

import os
import random
import time
from typing import Any

from descant_app.compose import process
from descant_app.compose.writing import Writing

numbers = random.Random(int(os.environ.get("FAULT_SEED", "1")))
share = float(os.environ.get("FAULTS", "0"))
kinds = os.environ.get("FAULT_KINDS", "raise raise raise abort deaf").split()
run = Writing.run


def faulty_run(writing: Writing, *arguments: Any) -> None:
    if numbers.random() < share:
        kind = numbers.choice(kinds)
        if kind == "abort":
            os.abort()
        if kind == "deaf":
            time.sleep(3600)
        raise RuntimeError("a fault of the test")
    run(writing, *arguments)


Writing.run = faulty_run  # type: ignore[method-assign]

if __name__ == "__main__":
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what an abort prints
    process.main()
