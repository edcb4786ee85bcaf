"""What `--deep` writes to a deployment, follows, and removes again."""
