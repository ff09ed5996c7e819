"""One codec for a run: plain values and arrays of it for the store and for files, and back.

Nothing that is read is trusted: every value and every size is checked, and nothing is ever run.
"""
