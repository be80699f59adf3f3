"""Entry of the frozen programs: the window and the console one are the same code."""

from __future__ import annotations

import multiprocessing

from descant_app.console import main

if __name__ == "__main__":
    multiprocessing.freeze_support()
    main()
