"""Words as points, and the size of the paper's network beside ours."""
