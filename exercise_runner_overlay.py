"""Opens the start window: ``python3 exercise_runner_overlay.py``.

The first start installs what is needed. Everything else is in emulators/gui.
"""

from emulators.bootstrap import ensure

ensure()

import sys

from emulators.gui.app import has_display, run_start_window


def main():
    """Show the start window; return the exit status."""
    if not has_display():
        print(
            "exercise_runner_overlay.py: there is no display here; "
            "exercise_runner.py runs in a terminal",
            file=sys.stderr,
        )
        return 2
    return run_start_window()


if __name__ == "__main__":
    sys.exit(main())
