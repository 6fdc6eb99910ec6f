"""Many draws kept on disk: where results lie, how they are written, and how they are checked when read."""
