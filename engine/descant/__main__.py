"""`descant` on the command line: `python -m descant` and the console script."""

from __future__ import annotations

import sys

from descant.errors import DescantError

INTERRUPTED = 130


def main() -> None:
    """Run the command line; a mistake ends in one sentence on standard error and exit code 1."""
    from descant.cli.app import app

    try:
        app()
    except DescantError as error:
        print(f"descant: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("descant: stopped", file=sys.stderr)
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
