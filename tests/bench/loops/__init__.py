"""What a user would write with one vendor library alone, from its documentation: read everything, keep it in SQLite."""
