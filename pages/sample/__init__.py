"""The page Sample: names and sentences written by a trained model."""
