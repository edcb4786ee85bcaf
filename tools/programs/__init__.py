"""Programs that the tools run: installed from hashed locks, with a clean environment, always ended."""
