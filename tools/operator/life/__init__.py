"""One event's life, as its log lines tell it: for `bin/trackgate trace`, `tail` and the console."""
