"""Columns in, findings out: what thousands of draws say, as plain numbers."""
