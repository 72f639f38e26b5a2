"""Larkfield Coffee, a made-up shop with believable customers, for trying Switchboard out."""
