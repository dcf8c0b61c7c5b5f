"""The loop in which an agent learns, and what hangs on it."""
