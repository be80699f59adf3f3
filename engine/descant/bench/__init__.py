"""How fast a model writes here: beside what the memory allows, and beside a rival.

`run_bench` measures Descant and, taking turns with it in a process of its own, midigpt, torch or
onnxruntime on the same weights.
"""

from descant.bench.figures import FIGURES, Figure
from descant.bench.random_model import RANDOM_SIZES, save_random_model
from descant.bench.rival import RIVALS, Rival
from descant.bench.turns import run_bench

__all__ = ["FIGURES", "RANDOM_SIZES", "RIVALS", "Figure", "Rival", "run_bench", "save_random_model"]
