"""The doors for programs: REST, provider webhooks, live events. Everything is refused unless it proves itself."""
