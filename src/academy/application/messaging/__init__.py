"""Text messages: order them, send them once, know what became of each (MSG-1 to MSG-6)."""
