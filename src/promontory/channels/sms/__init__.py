"""Text messages: a conversation of a score, a reason and thanks."""
