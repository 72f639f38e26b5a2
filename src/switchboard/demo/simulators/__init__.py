"""The providers' side, simulated inside the process: they take our messages and send signed ones, without any network."""
