"""The game: pure array functions over an axis of draws, with no randomness and no input or output."""
