"""Dead letters: listed, sent again, dropped."""
