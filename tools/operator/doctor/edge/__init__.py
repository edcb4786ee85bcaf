"""The deployed API, tested from outside with requests that it must refuse."""
