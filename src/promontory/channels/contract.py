"""What every channel is asked to do, and what it says in return."""
