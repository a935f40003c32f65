"""The command line. Each command is one function in a file of its own kind; nothing here decides."""

import gc
import sys


def main() -> None:
    """Run the program and exit with its code; an interruption while it is still being loaded ends it like any other."""
    gc.set_threshold(
        50_000, 20, 20
    )  # a run keeps nearly all that it makes: looking for waste so rarely saves a tenth of it
    try:
        from sync.cli.main import main as run  # noqa: PLC0415  # loading can be interrupted
    except KeyboardInterrupt:
        sys.exit(130)
    run()
