"""E-mail: raw bytes in, one event out; and answers back through the business's own mail relay."""
