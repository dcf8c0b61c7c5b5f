"""Agents: what they share, how they are found by name, and one file for each algorithm."""
