"""Properties of runs: what must always hold, what must hold in the end, and why it did not."""
