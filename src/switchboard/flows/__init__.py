"""The stories: what can happen, one file each, top to bottom as the business would tell it."""
