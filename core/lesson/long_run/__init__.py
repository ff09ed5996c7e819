"""30,000 steps with decay, as the tutorial printed it and as it was meant."""
