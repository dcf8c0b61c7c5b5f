"""Learners that keep their values in tables, each right until it is given a fault."""
