"""The same hashes of text in every process, so that sets of text keep their order.

Python draws the hashes anew in each process; a program that walks over a set of names would then
do something else each time. A run restarts Python once, before anything is imported, with hashes
that are fixed. Not here: `hash()` as exercise files call it, which is in virtual/modules.py.
"""

import os
import sys

KEEP = "TEACHING_FRAMEWORK_HASHES"
"""The variable that, when set, keeps the hashes as they are."""


def fix_hashes() -> None:
    """Restart this program with fixed hashes, unless they are fixed or a debugger is at work."""
    fixed = not sys.flags.hash_randomization
    if fixed or os.environ.get(KEEP) or sys.gettrace() is not None or "pdb" in sys.modules:
        return
    command = [sys.executable, *sys.orig_argv[1:]]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    sys.stdout.flush()
    if os.name == "nt":
        from emulators.start.bootstrap_venv import pass_on

        pass_on(command, environment)
    os.execve(command[0], command, environment)
