"""What respondents do: kept at once, settled soon."""
