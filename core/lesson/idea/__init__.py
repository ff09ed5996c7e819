"""Chapter 2: words as points, and the size of the paper's network beside ours."""
