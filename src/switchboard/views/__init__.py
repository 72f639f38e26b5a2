"""What can be looked at, read only."""
