"""Rules of a telephone call: what happens next, and how an answer sounds when it is spoken."""
