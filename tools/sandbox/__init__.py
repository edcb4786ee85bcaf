"""The sandbox upstreams: one process that plays the four vendors, keeps a ledger and fails as it is told."""
