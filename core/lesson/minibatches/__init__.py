"""Chapter 10: how far a minibatch's gradient points from the full one, and what a step takes."""
