"""The gradient of every number in three ways, one update, and why it is cleared."""
