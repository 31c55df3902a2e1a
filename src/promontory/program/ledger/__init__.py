"""The ledger: what happened, in order, so that nobody can change it unnoticed.

rules      what an entry is, its digest, the chain; pure
vault      per-person keys, encryption and commitments; pure
actions    append, seal, sign heads, make and erase people
queries    the head, entries in order, entries as they become visible, positions at day ends
verify     everything recomputed, every altered row named
hooks      where the contexts above plug in their erasers and their checks
"""
