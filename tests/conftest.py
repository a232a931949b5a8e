"""What holds for every test: the same examples on every machine, and none that a slow one fails."""

from hypothesis import settings

settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")
