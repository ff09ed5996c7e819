"""The model, its data and its training: knows nothing of the browser."""
