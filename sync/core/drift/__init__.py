"""Drift rules: one rule per file, found by listing this folder. ``rule.py`` holds what a rule is, ``judge.py`` applies them."""
