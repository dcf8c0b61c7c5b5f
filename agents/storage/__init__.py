"""Files that are whole or not there, and run folders; nothing here knows an agent."""
