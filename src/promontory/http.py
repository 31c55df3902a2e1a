"""How anything calls out: one client with time limits, bounded retries and no way inward."""
