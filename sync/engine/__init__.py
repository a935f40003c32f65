"""The engine: pulls, judges, plans and applies. A thin shell around the pure core."""
