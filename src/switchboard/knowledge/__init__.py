"""Documents cut into passages, and passages found for a question."""
