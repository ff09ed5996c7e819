"""The pages: interface only; what they share is in `pages.parts`."""
