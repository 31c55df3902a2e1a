"""The pages of imports and responses."""
