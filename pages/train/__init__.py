"""The page Train: one run, as it goes."""
