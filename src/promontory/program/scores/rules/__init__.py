"""What a view of the scores is, which periods there are, and what a viewer may be shown; pure."""
