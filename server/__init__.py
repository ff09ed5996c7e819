"""How it is served, and nothing of what: middleware, signals, memory, load."""
