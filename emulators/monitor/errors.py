"""What can go wrong with a monitor, in words."""


class MonitorError(RuntimeError):
    """A monitor cannot be made, or cannot go on; the text is one line."""


class MonitorClosed(MonitorError):
    """The monitor was closed with `die` while somebody waited, or before."""


class UpdateLost(MonitorError):
    """What a task did was undone: the others took this process for dead and went on without it.

    The task may be executed again.
    """
