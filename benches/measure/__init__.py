"""What `scripts/bench` measures, one module for each of its subjects.

Everything is told as a ratio within one run, or beside the goal that it has; no test depends on it.
"""
