"""What the pages that run jobs (sweeps, searches) share."""
