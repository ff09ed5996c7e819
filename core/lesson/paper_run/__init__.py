"""The paper's table of results beside ours."""
