"""Chapter 7: why the library's cross-entropy, and not counts and probabilities by hand."""
