"""The seven channels: each checks where a payload comes from, reads it, and sends answers."""
