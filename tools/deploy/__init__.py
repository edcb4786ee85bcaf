"""`make deploy STAGE=staging`: one stage's settings, built, deployed to AWS, and examined."""
