"""What the organisation does: a few Django apps, layered among themselves.

    scores > responses > surveys | customers > organization > ledger

An arrow never points up; a context may import a lower one's models, queries, actions and events.
"""
