"""The command line. Each command is one function in a file of its own kind; nothing here decides."""

import os
import sys

from sync.memory import begin_loading


def main() -> None:
    """Run the program and exit with its code; an interruption while it is still being loaded ends it like any other."""
    begin_loading()
    # else every installed package is asked whether it has plugins
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        from sync.cli.main import main as run  # noqa: PLC0415  # loading can be interrupted
    except KeyboardInterrupt:
        sys.exit(130)
    run()
