"""Capacity: what a company of a given size costs in requests, time and room, and which limit is reached first. Pure but for the reading of its constants."""
