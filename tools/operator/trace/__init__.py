"""`bin/trackgate trace`: one event's whole life."""
