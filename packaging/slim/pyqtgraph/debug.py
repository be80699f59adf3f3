"""What the modules that are taken use of pyqtgraph's tools for finding faults."""

import sys
import traceback


def printExc(msg="", *_):
    """Print the error that is being handled."""
    print(msg, file=sys.stderr)
    traceback.print_exc()
