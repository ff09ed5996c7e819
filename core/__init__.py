"""The model, its text and its training: knows nothing of the browser."""

__version__ = "0.1.0"
