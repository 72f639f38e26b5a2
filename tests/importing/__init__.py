"""Reading what other systems left."""
