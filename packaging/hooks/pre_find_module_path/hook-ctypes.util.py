"""Libraries are looked for in the bundle."""

from pathlib import Path

SLIM = Path(__file__).parents[2] / "slim" / "ctypes"


def pre_find_module_path(api):
    api.search_dirs = [str(SLIM)]
