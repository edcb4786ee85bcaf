"""`bin/trackgate tail`: events as they come."""
