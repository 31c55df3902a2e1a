"""What people may type about asking."""
