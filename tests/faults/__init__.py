"""Learners with one fault each, which `gym_gridq.testing.check_learner` is held against.

``python -m tests.faults`` makes the table of docs/interop/check_learner_faults.md.
"""
