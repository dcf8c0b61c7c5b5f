"""Learners of other libraries, or in their manner, each right until it is given a fault."""
