"""What every row of the bench stands on."""
