"""The tutorial's steps: what each chapter computes, its words, and its lines of torch."""
