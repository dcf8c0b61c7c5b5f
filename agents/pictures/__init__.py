"""Curves, films and notebooks."""
