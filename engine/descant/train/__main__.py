"""`python -m descant.train`."""

import sys

from descant.train.command import main

if __name__ == "__main__":
    sys.exit(main())
