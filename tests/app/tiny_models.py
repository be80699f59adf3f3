"""The engine tests' small random models, for tests of the window."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "engine"))

from models import engine_of, saved_model

__all__ = ["engine_of", "saved_model"]
