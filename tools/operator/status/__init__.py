"""`bin/trackgate status`: what each system holds, queues and has given up."""
