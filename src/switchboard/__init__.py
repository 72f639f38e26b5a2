"""Switchboard: every customer message, from every channel, understood, routed and answered."""

__version__ = "0.1.0"
