"""What measures speed and load; scripts/benchmark.py runs it."""
