"""The pages and what they share: interface only, and nothing of how it is served."""
