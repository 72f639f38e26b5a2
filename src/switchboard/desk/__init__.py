"""The agent's desk: pages, fragments and what its buttons do."""
