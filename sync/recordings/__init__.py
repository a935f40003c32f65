"""Recordings: a run kept in a folder, and derived anew from it without the tools."""
