"""How often the intervals hold what they promise: exact enumeration, and simulation beyond it."""
