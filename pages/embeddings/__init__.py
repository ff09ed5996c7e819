"""The page Embeddings: tokens in the plane, and how they moved."""
