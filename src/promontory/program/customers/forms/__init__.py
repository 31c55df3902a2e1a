"""What people may type about customers."""
