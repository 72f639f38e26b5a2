"""How a message is read: rules for intent, tone, wishes, entities and language, and how they join the model's view."""
