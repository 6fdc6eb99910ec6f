"""How fast the two drivers are, and how much memory they take; nothing here is a test."""
