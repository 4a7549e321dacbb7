"""What goes to processes that do one piece of work, and what they answer."""
