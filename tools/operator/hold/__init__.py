"""Hold and resume: a system's deliveries stopped for a while, without a deployment."""
