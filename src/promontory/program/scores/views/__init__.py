"""The pages of the scores: overview, explore, the journey map, and what is downloaded."""
