"""From tallies to intervals and tests: effective base first, then one formula for any cells."""
