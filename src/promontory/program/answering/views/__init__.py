"""The doors of respondents, and the pages of those who look after them."""
