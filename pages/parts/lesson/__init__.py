"""What the chapters of the lesson share: their frame, their figures, their tables."""
