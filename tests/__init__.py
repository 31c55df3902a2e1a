"""What Promontory promises, as sentences that run."""
