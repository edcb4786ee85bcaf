"""`bin/trackgate cost`: what a deployment costs per month, from its settings and its traffic."""
