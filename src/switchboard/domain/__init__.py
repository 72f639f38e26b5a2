"""The nouns of customer service: frozen values without behaviour that needs the outside world."""
