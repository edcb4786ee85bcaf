"""What fails outside of the tools, in one sentence that says what to do next."""
