"""Solution points of a scenario: what theory says of it before anybody plays."""
