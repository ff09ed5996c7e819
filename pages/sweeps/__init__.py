"""The page Sweeps: losses against any one or two settings."""
