"""Speed as ratios: each script measures us and a peer in turns, in one process, in one run."""
