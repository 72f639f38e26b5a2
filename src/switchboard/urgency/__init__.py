"""How soon a message should be answered, and why."""
