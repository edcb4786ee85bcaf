"""Tab completion of `trackgate` in bash, zsh and fish."""
