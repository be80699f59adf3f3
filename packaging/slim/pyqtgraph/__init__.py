"""What the piano roll takes of pyqtgraph 0.13.7 to 0.14, instead of all of it.

The package's own `__init__` imports every plot and widget, 140 modules, which delays the first
picture of the window by a quarter.
"""

_OPTIONS = {"useOpenGL": False, "background": "k", "mouseRateLimit": 100, "useCupy": False}


def getConfigOption(name):
    """As pyqtgraph's, of the options that the modules below ask for."""
    return _OPTIONS[name]


def _connectCleanup():
    """The cleanup is one of plots."""


from pyqtgraph.graphicsItems.GraphicsObject import GraphicsObject  # noqa: E402, F401
from pyqtgraph.widgets.GraphicsView import GraphicsView  # noqa: E402, F401
