"""Trains and measures the models that read messages; only the encoder's export needs the extra ``train``."""
