"""Reading what other systems left: mail archives and rows of messages."""
