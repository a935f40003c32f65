"""The command line. Each command is one function in a file of its own kind; nothing here decides."""

from sync.cli.main import main

__all__ = ["main"]
