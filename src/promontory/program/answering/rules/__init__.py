"""What respondents may do, decided from plain values."""
