"""Tape: the exchange of a run as a file without secrets, and its play-back."""
