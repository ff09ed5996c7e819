"""What can be downloaded, and brought back."""
