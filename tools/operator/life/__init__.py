"""One event's life, as its log lines tell it: for `trackgate trace`, `tail` and the console."""
