"""The command ``switchboard``: what people type, one file for each group of commands."""
