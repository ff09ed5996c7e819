"""The steps, each from one form to the next."""
