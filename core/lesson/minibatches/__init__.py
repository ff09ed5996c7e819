"""How far a minibatch's gradient points from the full one, and what a step takes."""
