"""What is seen: episodes stepped on, observations and transitions checked and encoded."""
