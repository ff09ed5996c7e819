"""Why the library's cross-entropy, and not counts and probabilities by hand."""
