"""Trains and measures the models that read messages; needs the extra ``train``."""
