"""What people may type about imports and responses."""
