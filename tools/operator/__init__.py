"""The operator's CLI: dead letters, client keys, vendor credentials, erasure requests, the doctor."""
