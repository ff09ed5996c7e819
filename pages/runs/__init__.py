"""The page Runs: all that were saved, to find and to compare."""
