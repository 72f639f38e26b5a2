"""Labels and training data."""
