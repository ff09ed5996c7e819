"""Chapter 15: the paper's table of results beside ours."""
