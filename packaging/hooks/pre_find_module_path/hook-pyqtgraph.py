"""pyqtgraph's front is the one in `slim`; what lies behind it is its own, see the other hooks."""

from pathlib import Path

SLIM = Path(__file__).parents[2] / "slim"


def pre_find_module_path(api):
    api.search_dirs = [str(SLIM)]
