"""Whole experiments: the cells of a sweep, where they run, and what they add up to."""
