"""Decides and drives: the pure core, the store, the engine and the command line."""
