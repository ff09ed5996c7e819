"""A run to download and to bring back: JSON, tables, weights, and code that needs torch alone."""
