"""What scripts/train.py does once torch is there."""
