"""The machines: models, files, live hints, breakers and requests to the outside."""
