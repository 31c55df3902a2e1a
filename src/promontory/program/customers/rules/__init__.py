"""What is decided about customers, in plain values: no Django, no clock."""
