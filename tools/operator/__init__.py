"""The operator's CLI: dead letters, client keys, vendor credentials, people who want to be forgotten."""
