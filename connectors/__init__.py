"""What the tools can say and be told; knows nothing of commitments or drift."""
