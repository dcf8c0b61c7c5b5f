"""The Q-network and its optimizers: the only room that knows DeZero."""
