"""What a network does to messages and devices: a description, and the drawing of its decisions.

A `Network` (scenario.py) is plain data: read from a TOML file, from options or from a script. The
files beside it hold one model each. How a run obeys them is in hazards.py and links.py above.
"""
