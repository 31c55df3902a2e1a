"""The REST API of asking."""
