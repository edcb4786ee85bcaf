"""`bin/trackgate init`: from a clone to the first event, step by step; each step can be repeated."""
