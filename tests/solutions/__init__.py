"""Reference solutions: `exerciseN.py` solves the tasks of lecture N, and is written to be read."""
