"""Every number is a fold over what happened: counts, daily report, trending topics, savings, people."""
