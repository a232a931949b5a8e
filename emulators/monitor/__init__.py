"""A distributed monitor for real programs: shared state that one process at a time may change.

    from emulators.monitor import DistributedMonitor

The rooms, from the top; each uses only what stands below it:

library     DistributedMonitor: threads wait here, tasks run here
endpoint    ZeroMQ sockets: frames in and out, who is connected
protocol    the algorithm, without clock and sockets: events in, actions out
recovery    a lost token is found out and made again, once
commits     what is done and not yet safe
peers       who is there, who is silent, who is gone
wire        frames: the documented format, and what only we say to each other
actions     what a protocol wants done
timing      how long it waits for what

The simulator runs `protocol` as it is (tests/solutions/exercise14.py). How to use the library:
docs/monitor.md. Why it is as it is: docs/decisions/0027-monitor.md.
"""

from emulators.monitor.errors import MonitorClosed as MonitorClosed
from emulators.monitor.errors import MonitorError as MonitorError
from emulators.monitor.errors import UpdateLost as UpdateLost
from emulators.monitor.library import DistributedMonitor as DistributedMonitor
