"""A run in steps, and backwards; the conditions that stop it."""
