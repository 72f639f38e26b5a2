"""Who may do what, what is personal, and how it is locked."""
