"""What the chapters share: their frame, figures, work and predictions."""
