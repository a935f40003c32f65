"""Likely: which issues a change without a key is probably about. Suggestions for people, never used for status."""
