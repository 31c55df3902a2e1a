"""What can be done about asking: one verb a function, keyword-only, by= and at=."""
