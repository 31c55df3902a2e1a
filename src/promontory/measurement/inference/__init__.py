"""From tallies to intervals and tests. Effective bases first, one formula each, many cells at once."""
