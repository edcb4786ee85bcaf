"""`make deploy STAGE=staging`: builds, deploys to AWS with a stage's settings, and runs the doctor."""
