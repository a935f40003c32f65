"""Pure judgement: no I/O, no clock, no randomness."""
