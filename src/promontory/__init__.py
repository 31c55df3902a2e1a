"""Promontory: the customer-loyalty score that finance would sign."""

__version__ = "0.1.0"
