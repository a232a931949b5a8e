"""Lecture 13: snapshots of a bank by the marker rules of Chandy and Lamport.

The bank is given, and so is who begins a snapshot and who collects it: `Command` and `Reply` are
its messages, and everything else that is no `Transfer` is a token.
"""

from emulators.grading import case

BANK = "Bank"
START = ("begin_snapshot",)
TOKENS = ("begin_snapshot", "receive_token")
LONG = {"max_rounds": 2000, "max_time": 200}
SLOW = {"types": ("async",), "latency": (0, 2.0), **LONG}


def role(event):
    """What a message is: a transfer, a token, or one of those that are given."""
    name = event.subject[4].__name__
    return name if name in ("Transfer", "Command", "Reply") else "token"


def who_begins_sends_tokens_first(run):
    """Who begins records its balance, and sends a token to each other node before any money."""
    nodes = set(range(run.config.devices - 2))
    missing = {}  # who begins at present -> the nodes without a token, and None without a record
    begun = {}
    for event in run.trace.of("receive", "send", "cut"):
        me = event.device
        if event.kind == "cut":
            missing.get(me, set()).discard(None)
        elif event.kind == "send" and role(event) == "token":
            missing.get(me, set()).discard(event.message.destination)
        elif event.kind == "receive" or role(event) == "Transfer":
            if missing.get(me):
                return begins_badly(run, begun[me], missing[me])
            if is_begin(event, nodes):
                missing[me], begun[me] = (nodes - {me}) | {None}, event
    late = [me for me in sorted(missing) if missing[me]]
    return begins_badly(run, begun[late[0]], missing[late[0]]) if late else None


def is_begin(event, nodes):
    """Whether a node is asked to begin a snapshot."""
    is_order = event.kind == "receive" and role(event) == "Command"
    return is_order and event.device in nodes and event.message.name == "Begin"


def begins_badly(run, begun, missing):
    """Say what a node that begins does not do before it does anything else."""
    without = sorted(missing - {None})
    lack = f"sends node {without[0]} no token" if without else "does not record its balance"
    return run.wrong(
        f"node {begun.device} begins snapshot {begun.message.arguments[0]} and {lack} "
        "before it does anything else",
        begun,
    )


def every_record_is_complete(run):
    """In the end every node has recorded its balance, and closed all channels."""
    last = {}
    for event, reply in run.messages(of="Reply"):
        if reply.name == "Collect" and event.device < run.config.devices - 2:
            last[reply.values[0], event.device] = event, reply.values
    for (snapshot, node), (event, (_, is_there, *_, still_open)) in sorted(last.items()):
        if not is_there:
            return run.wrong(f"node {node} never records for snapshot {snapshot}", event)
        if still_open:
            return run.wrong(
                f"node {node} still waits for the token of node {still_open[0]}: its record of "
                f"snapshot {snapshot} is never complete",
                event,
            )
    return None if last else "no snapshot is collected before the run ends"


# -- task 2: the marker rules


@case(BANK, task="2.1", parts=START, hint="which line comes first: the record, then the tokens")
def test_who_begins_sends_tokens(submission):
    """The node that begins a snapshot records, and at once sends a token to all others."""
    submission.runs(devices=(4, 6), seeds=5, **LONG).satisfy(who_begins_sends_tokens_first)


@case(
    BANK,
    points=2,
    task="2.1",
    parts=TOKENS,
    needs=[test_who_begins_sends_tokens],
    hint="the first token of a snapshot lets a node record; each token closes one channel",
)
def test_every_record_is_completed(submission):
    """Every node records once for each snapshot, and closes all its channels."""
    submission.runs(devices=(4, 5, 8), seeds=5, **LONG).satisfy(every_record_is_complete)


@case(
    BANK,
    points=2,
    task="2.1",
    parts=TOKENS,
    needs=[test_every_record_is_completed],
    hint="when a token comes that is the first one, record at once, and send before all else",
)
def test_every_cut_is_consistent(submission):
    """No money is received before a cut that is sent after it."""
    submission.runs(devices=(4, 6, 9), seeds=8, **LONG).satisfy("consistent_cut")
    submission.runs(devices=(5,), seeds=8, **SLOW).satisfy("consistent_cut")


@case(
    BANK,
    points=2,
    task="2.2",
    needs=[test_every_record_is_completed],
    hint="an amount belongs to the state of its channel while that channel is open, and only there",
)
def test_channels_are_exactly_what_is_on_its_way(submission):
    """The state of a channel is the money that was on its way."""
    one = {"settings": {"SNAPSHOTS": 1}}
    submission.runs(devices=(4, 6, 9), seeds=8, **one, **LONG).satisfy("channel_states")
    submission.runs(devices=(5,), seeds=8, **one, **SLOW).satisfy("channel_states")


@case(
    BANK,
    points=2,
    task="2.3",
    needs=[test_every_cut_is_consistent, test_channels_are_exactly_what_is_on_its_way],
    hint="each snapshot has a record of its own: an amount may belong to several of them",
)
def test_every_snapshot_has_all_money(submission):
    """Every snapshot has all the money of the bank, also when several are taken at a time."""
    many = {"settings": {"SNAPSHOTS": 6}}
    judged = ("conservation", "channel_states", "consistent_cut")
    submission.runs(devices=(4, 7), seeds=5, **many, **LONG).satisfy(
        every_record_is_complete, *judged
    )
    submission.runs(devices=(6,), seeds=5, **many, **SLOW).satisfy(
        every_record_is_complete, *judged
    )


@case(
    BANK,
    task="2.3",
    needs=[test_every_snapshot_has_all_money],
    hint="does the number of tokens explode?",
)
def test_twenty_nodes(submission):
    """Twenty nodes: every snapshot has all the money."""
    submission.runs(devices=(22,), seeds=1, **LONG).satisfy(
        every_record_is_complete, "conservation", "channel_states", "consistent_cut"
    )


# -- scripts: one message after the other, so that it is known what has to come out

CREATED = """
StartMaster
CreateNode 1 1000
CreateNode 2 500
CreateNode 3 0
"""
ON_ITS_WAY = """
Send 1 2 300
Send 2 1 100
BeginSnapshot 1
Receive 2 1            # the 300
Receive 2 1            # the token
Receive 1 2            # the 100
Send 1 3 50
ReceiveAll
CollectState
PrintSnapshot
"""
TWO_AT_A_TIME = """
Send 1 2 300
Send 2 1 100
BeginSnapshot 1
BeginSnapshot 3
Receive 2 3            # the token of the second snapshot: the 300 are still on their way
Receive 2 1            # the 300
Receive 2 1            # the token of the first one
Receive 1 3
Receive 1 2            # the 100
ReceiveAll
CollectState {snapshot}
PrintSnapshot {snapshot}
"""


def prints(*expected):
    """Return a judgement: the last snapshot that is printed has these states, all others are 0."""

    def states(run):
        """What a snapshot finds follows from the script."""
        printed = [line for line in run.output.splitlines() if " = " in line]
        found = [line for line in printed if not line.endswith("= 0")]
        if found == list(expected):
            return None
        return f"the snapshot should have {_list(expected)}; it has {_list(found) or 'nothing'}"

    return states


def _list(lines):
    return ", ".join(line.replace(" = ", " with ") for line in lines)


def script(text):
    """Options: three nodes, observer and master do what a script says."""
    return {"devices": (5,), "seeds": 3, "settings": {"SCRIPT": CREATED + text}, **LONG}


@case(
    BANK,
    task="2.3",
    needs=[test_channels_are_exactly_what_is_on_its_way],
    hint="draw the diagram of exercises/bank.txt: what crosses the cut?",
)
def test_a_script_finds_what_is_on_its_way(submission):
    """In exercises/bank.txt a snapshot finds 100 on their way from node 2 to node 1."""
    submission.runs(**script(ON_ITS_WAY)).satisfy(
        prints("Node 1 = 700", "Node 2 = 700", "channel(2->1) = 100")
    )


@case(
    BANK,
    task="2.3",
    needs=[test_a_script_finds_what_is_on_its_way],
    hint="an amount can be on its way in one snapshot and in a balance in another one",
)
def test_two_snapshots_of_one_script_differ(submission):
    """Two snapshots that are taken at the same time each have a record of their own."""
    submission.runs(**script(TWO_AT_A_TIME.format(snapshot=1))).satisfy(
        prints("Node 1 = 700", "Node 2 = 700", "channel(2->1) = 100")
    )
    submission.runs(**script(TWO_AT_A_TIME.format(snapshot=2))).satisfy(
        prints("Node 1 = 700", "Node 2 = 400", "channel(1->2) = 300", "channel(2->1) = 100")
    )
