"""Telephone calls, from the ringing to the hanging up."""
