"""The command line. Each command is one function in a file of its own kind; nothing here decides."""

import sys


def main() -> None:
    """Run the program and exit with its code; an interruption while it is still being loaded ends it like any other."""
    try:
        from sync.cli.main import main as run  # loading takes most of a second
    except KeyboardInterrupt:
        sys.exit(130)
    run()
