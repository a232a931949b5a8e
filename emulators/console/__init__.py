"""The command line: what is typed, and what is printed for it. In a terminal, and in steps."""
