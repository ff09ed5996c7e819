"""The page Search: settings searched for the lowest validation loss."""
