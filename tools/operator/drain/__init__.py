"""`bin/trackgate backlog`: what each system has queued, and when its queue will be empty."""
