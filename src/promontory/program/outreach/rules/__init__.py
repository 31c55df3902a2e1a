"""Decisions of asking: plain values in, frozen values out. No Django, no clock."""
