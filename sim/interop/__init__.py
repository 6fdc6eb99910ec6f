"""Published negotiation domains in and out: files of GENIUS, GeniusWeb and NegMAS as scenarios, and back."""
