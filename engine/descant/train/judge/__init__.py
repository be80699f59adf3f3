"""Judging a finished model on the validation pieces, as `descant evaluate` does it."""
