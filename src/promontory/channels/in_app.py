"""In an app of ours: nothing is sent, the widget asks the server."""
