"""OneSignal's socket, "Track": the Syncano-style endpoints that its old clients call."""
