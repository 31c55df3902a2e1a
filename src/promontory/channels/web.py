"""The web link: nothing is sent, the customer comes."""
