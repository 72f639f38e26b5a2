"""Whose message it is, which conversation it joins, and how that conversation is doing."""
