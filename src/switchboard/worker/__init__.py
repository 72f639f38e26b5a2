"""The hands: they take jobs from the queue, keep the timers, and never lose what they hold."""
