"""Wrong input. Apart from errors.py, so that what only reads a command line starts fast."""

PROGRAM = "exercise_runner.py"


class UsageError(Exception):
    """The command line or an input file is wrong; the text is one line, the exit status 2."""
