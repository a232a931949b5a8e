"""Stepping in a terminal, without a window.

walk       what a person can do to a run, and what it says; knows no keys and no lines
commands   typed words and what they do; the help
keys       single keys as they are pressed, read by `blessed`
control    lines or keys, as the terminal allows; the presenter remote beside them
"""
