"""Mistakes that are planted, and for each the question that brings it to light.

A question has to fit: two devices where two show it, contents that are there at once where devices
would wait for the end of a thread, rounds where the algorithm counts rounds. `NOT_BY_A_SEARCH` says
which mutants no question here finds, and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulators.explore.answer import Answer
from emulators.explore.explorer import explore
from emulators.grading.mutants import SOLUTIONS, mutants
from emulators.lectures import LECTURES
from emulators.runner import EXERCISES, RunConfig
from tests.framework.explore.programs import DATA, edited

Edits = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Planted:
    """A mistake, and what is asked. `mutant` is one of the suites, else `edits` are the mistake.

    `data` is put behind the exercise file, which is empty for lecture 0. `best` are the messages of
    the shortest run, where that is known and a walk finds the mistake. `slow`: the tests leave it
    to the benchmark.
    """

    name: str
    lecture: int
    algorithm: str
    devices: int
    checks: tuple[str, ...] = ()
    mutant: bool = True
    edits: Edits = ()
    template: bool = False
    data: str = ""
    edits_of_data: Edits = ()
    type: str = "async"
    settings: Mapping[str, Any] = field(default_factory=dict)
    asked: Mapping[str, Any] = field(default_factory=dict)
    best: int | None = None
    slow: bool = False

    def __str__(self) -> str:
        return self.name.replace(" ", "_")

    def write(self, folder: Path) -> Path:
        """Write the exercise file with the mistake into a folder; return the folder."""
        file = folder / f"{LECTURES[self.lecture].file}.py"
        if not self.lecture:
            file.write_text("", encoding="utf-8")
        elif self.mutant:
            next(one for one in mutants(self.lecture) if one.name == self.name).write(folder)
        else:
            source = EXERCISES if self.template else SOLUTIONS
            text = (source / file.name).read_text(encoding="utf-8")
            file.write_text(edited(text, *self.edits), encoding="utf-8")
        if self.data:
            more = edited((DATA / self.data).read_text(encoding="utf-8"), *self.edits_of_data)
            file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")
        return folder

    def answer(self, folder: Path, seconds: float = 60) -> Answer:
        """Ask about the file in a folder."""
        config = RunConfig(
            self.lecture,
            self.algorithm,
            self.type,
            self.devices,
            1,
            folder,
            settings=dict(self.settings),
        )
        return explore(config, checks=self.checks, seconds=seconds, **self.asked)


_LEADER = ("leader_known", "one_leader", "largest_leads")
_ONE_VALUE = ("agreement", "one_value_chosen")
_ONCE = ("validity", "agreement")
_HONEST = ("agreement", "byzantine_integrity")
_TWICE, _ONCE_EACH = {"CONTENTS": 2}, {"CONTENTS": 1}
_ONE_TALKS = {"SENDERS": (1,)}
_FAILS = {"CRASHES": {0: 0.2}, "JOINS": {}}


def _paxos(name: str, **more: Any) -> Planted:
    return Planted(name, 6, "OneShot", 5, _ONE_VALUE, data="paxos_roles.py", **more)


def _king(name: str, **more: Any) -> Planted:
    asked: dict[str, Any] = {"data": "liars.py", "type": "sync", **more}
    return Planted(name, 6, "LyingKing", asked.pop("devices", 5), _HONEST, **asked)


PLANTED = [
    # lecture 4
    Planted("answers_while_inside", 4, "RicartAgrawala", 2),
    Planted("tie_break_by_stamp_only", 4, "RicartAgrawala", 2),
    Planted("tie_break_with_equals", 4, "RicartAgrawala", 2),
    Planted("coordinator_forgets_who_is_inside", 4, "Centralised", 3),
    Planted("token_counts_nothing", 4, "SuzukiKasami", 2),
    Planted("voting_set_without_column", 4, "Maekawa", 3, ("mutual_exclusion",)),
    Planted("ring_without_the_last_device", 4, "TokenRing", 3, ("can_finish",)),
    Planted("token_is_kept_while_there_is_work", 4, "TokenRing", 2, ("fairness=1",)),
    Planted("largest_is_dropped", 4, "ChangRoberts", 3, _LEADER),
    Planted("leader_tells_nobody", 4, "Bully", 3, _LEADER, type="sync"),
    Planted("thread_not_busy", 4, "AsyncRicartAgrawala", 2),
    Planted("everybody_makes_a_token", 4, "HeartbeatTokenRing", 3, type="sync", settings=_FAILS),
    Planted("Maekawa asks nobody to yield", 4, "Maekawa", 2, mutant=False, template=True),
    Planted(
        "Suzuki-Kasami serves old requests",
        4,
        "SuzukiKasami",
        3,
        mutant=False,
        template=True,
        edits=(("return self._rn[other] == self._token.ln()[other] + 1", "return True"),),
    ),
    Planted(
        "Chang-Roberts, two are decided for",
        4,
        "ChangRoberts",
        3,
        _LEADER,
        mutant=False,
        template=True,
        edits=(("elif message.vote() == self.index:", "elif message.vote() >= self.index:"),),
    ),
    # lecture 5
    Planted("causes_are_not_waited_for", 5, "COMulticast", 2, ("causal",), settings=_TWICE),
    Planted(
        "counts_from_zero", 5, "TalkingTOSEQ", 2, _ONCE, data="fifo_talkers.py", settings=_ONE_TALKS
    ),
    Planted(
        "early_ones_are_forgotten",
        5,
        "TalkingTOSEQ",
        2,
        _ONCE,
        data="fifo_talkers.py",
        settings=_ONE_TALKS,
    ),
    Planted(
        "one_counter_for_all_senders",
        5,
        "TalkingTOSEQ",
        2,
        _ONCE,
        data="fifo_talkers.py",
        settings=_ONCE_EACH,
    ),
    Planted(
        "stamp_is_shared",
        5,
        "TalkingOverlap",
        2,
        _ONCE,
        data="fifo_talkers.py",
        settings=_ONE_TALKS,
    ),
    Planted(
        "waits_for_all_groups",
        5,
        "TalkingOverlap",
        3,
        _ONCE,
        data="fifo_talkers.py",
        settings=_ONE_TALKS,
    ),
    Planted("looks_at_one_group_only", 5, "FifoOverlapMulticast", 2, ("fifo",)),
    Planted("sequencer_numbers_at_once", 5, "FifoTOSEQMulticast", 2, ("fifo",)),
    Planted("smallest_proposal_wins", 5, "ISISMulticast", 2, ("total_order",), settings=_ONCE_EACH),
    Planted(
        "tie_is_broken_by_arrival", 5, "ISISMulticast", 2, ("total_order",), settings=_ONCE_EACH
    ),
    Planted(
        "a total order loses FIFO",
        5,
        "TalkingTOSEQ",
        2,
        ("fifo",),
        mutant=False,
        template=True,
        data="talkers.py",
        settings=_TWICE,
    ),
    Planted(
        "ISIS has no rule for ties",
        5,
        "TalkingISIS",
        2,
        ("total_order",),
        mutant=False,
        template=True,
        data="talkers.py",
    ),
    # lecture 6
    _paxos("accepted_value_is_forgotten", best=36),
    _paxos("oldest_value_is_taken", slow=True),
    _paxos("accepts_below_its_promise"),
    _paxos("promises_everything", slow=True),
    _paxos("proposes_after_the_first_promise", slow=True),
    _paxos("one_promise_counts_twice", settings={"TRIES": 2}),
    Planted("numbers_are_not_unique", 6, "PAXOS", 3, ("own_numbers",)),
    Planted(
        "Paxos takes half of four for a majority",
        6,
        "OneShot",
        6,
        _ONE_VALUE[:1],
        mutant=False,
        data="paxos_roles.py",
        edits_of_data=(("return acceptors // 2 + 1", "return (acceptors + 1) // 2"),),
    ),
    Planted("decision_is_not_told", 6, "King", 2, ("termination",), type="sync"),
    _king("always_the_same_king"),
    _king("king_is_believed_always"),
    _king("king_is_ignored"),
    _king("king_says_its_own_value"),
    _king("one_phase_too_few"),
    _king("sure_with_half_of_the_votes"),
    _king("sure_with_n_half_plus_f"),
    _king("King among four with one liar", mutant=False, devices=4, slow=True),
    # later lectures
    Planted(
        "snapshots over channels that are not FIFO",
        13,
        "Bank",
        4,
        ("consistent_cut",),
        mutant=False,
        settings={"FIFO": False, "TRANSFERS": 2, "SNAPSHOTS": 1},
    ),
    Planted(
        "a register without write-back",
        0,
        "Register",
        5,
        ("linearizable",),
        mutant=False,
        data="register.py",
        edits_of_data=(("WRITE_BACK = True", "WRITE_BACK = False"),),
    ),
]

NOT_BY_A_SEARCH = {
    "failed_device_stays_in_the_ring": "nobody works any more: shows when a long time has passed",
    "lost_token_stays_lost": "nobody works any more: shows when a long time has passed",
    "newcomer_is_ignored": "a device stays outside: shows when a long time has passed",
    "thread_never_releases": "everybody waits: devices with threads are walked only",
    "coordinator_serves_the_last_first": "who is passed over gets in once others have no work",
    "accepting_is_no_promise": "two proposers and three acceptors never show it",
    "token_queue_is_a_stack": "who is passed over gets in once others have no work",
    "gives_up_after_one_try": "nobody decides any more, and all look for messages for ever",
}
"""Mutants of lectures 4, 5 and 6 that these questions do not find."""
