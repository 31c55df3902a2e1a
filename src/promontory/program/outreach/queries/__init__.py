"""What can be asked about asking."""
