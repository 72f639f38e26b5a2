"""Next best actions for the agent, and what is learned from how they turned out."""
