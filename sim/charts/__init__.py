"""Findings made visible: figures from a summary, and one offline page that holds them all."""
