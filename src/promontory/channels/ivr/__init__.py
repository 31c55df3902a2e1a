"""The telephone: one call flow for every voice service."""
