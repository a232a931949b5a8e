"""Opens the start window: ``python3 exercise_runner_overlay.py``.

The first start installs what is needed. Everything else is in emulators/gui.
"""

from emulators.start.bootstrap import ensure

ensure()

import sys

from emulators.console.screen import no_display, no_window


def main():
    """Show the start window; return the exit status."""
    reason = no_display() or no_window()
    if reason:
        print(f"No window: {reason}; exercise_runner.py runs in a terminal", file=sys.stderr)
        return 2
    from emulators.gui.app import run_start_window

    return run_start_window()


if __name__ == "__main__":
    sys.exit(main())
