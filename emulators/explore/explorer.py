"""From a program and a question to an answer: the search, begun anew where it has to know more."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from emulators import watchdog
from emulators.check.calls import watch
from emulators.check.choosing import pardon
from emulators.check.property import Property, Violation
from emulators.check.words import devices, wait
from emulators.errors import UsageError
from emulators.explore.answer import (
    BOUNDED,
    HOLDS,
    REACHED,
    UNKNOWN,
    UNVIOLATED,
    VIOLATED,
    Answer,
    Counterexample,
)
from emulators.explore.automaton import Again, Nondeterministic, Unsupported
from emulators.explore.breadth import breadth_first
from emulators.explore.cells import Edge, State
from emulators.explore.changes import scheduled
from emulators.explore.conditions import Condition, Sights
from emulators.explore.lies import liars
from emulators.explore.livelock import Livelocks
from emulators.explore.lockstep import Lockstep
from emulators.explore.lockstep_playing import played_in_rounds
from emulators.explore.lockstep_script import written_in_rounds
from emulators.explore.marks import bounds as left_out
from emulators.explore.marks import watchers
from emulators.explore.monitors import Unharmed, kinds_of
from emulators.explore.network import Move, Network, Rules
from emulators.explore.parallel import in_parallel
from emulators.explore.playing import played
from emulators.explore.question import AT_REST, CAN_FINISH, LASTING, LIVELOCK, Question
from emulators.explore.rest import ends, judged
from emulators.explore.scenario import Scenario, understood
from emulators.explore.script import Script, written
from emulators.explore.search import (
    Course,
    Limits,
    Progress,
    by_priorities,
    depth_first,
    moves_of,
    random_walks,
)
from emulators.explore.shared import Shared, SharedState
from emulators.explore.shrink import Shrinker, Way
from emulators.explore.solo import SoloCallMedium, SoloMedium, World
from emulators.explore.steps import Steps
from emulators.explore.turns import in_turns, save
from emulators.generations import maker_uses_calls
from emulators.kernel.choices import Recording, Seeded
from emulators.kernel.tasks import Scheduler, active
from emulators.Medium import CallMedium, Medium
from emulators.network.timeless import byzantine as lying
from emulators.program import load, network_of
from emulators.runner import RunConfig, check
from emulators.stepping.stepper import silent
from emulators.trace.events import OF_MESSAGES
from emulators.untimed import Plan


def _quiet(states: int, depth: int, frontier: int) -> None:
    """Show nothing."""


class Explorer:
    """One search for the answer to a question."""

    def __init__(self, question: Question, progress: Progress = _quiet) -> None:
        self.question = question
        self._progress = progress
        self._sharing = False
        self._clocked = False
        self._lazy = True
        self._several = False
        self._looks = 0
        self._at_rest = question.at_rest
        self._ending = False
        self._conditions: list[Condition] = []
        self.scenario = Scenario(question.faults)
        self.network: Network | None = None

    # -- the program

    def _built(self) -> Network:
        question, config = self.question, self.question.config
        drawn = Recording(Seeded(config.seed or 0))
        scheduler = Scheduler(drawn)
        scheduler.attach()
        with active(scheduler), silent():
            loader, _, kind = load(config)
            network = network_of(config, loader)
        properties = question.properties(loader.modules())
        if drawn.taken:
            raise SharedState("the file draws at random while it is loaded")
        pardon(properties, lying(config.network, config.devices))
        watch(loader.modules(), properties)
        shared = Shared(loader.modules())
        if shared.unseen:
            raise SharedState(f"{', '.join(shared.unseen)}, which cannot be looked into")
        scenario = understood(network, question.faults, config.devices, config.seed or 0)
        if question.in_rounds:
            scenario = scenario.in_rounds()
        self.scenario = scenario
        placed, liars = scenario.placed(kind, config.devices)
        conditions = [*question.conditions(), *question.marks()]
        if self._sharing and conditions:
            _refuse_shared(conditions, shared)
        sights = Sights(conditions, config.devices) if conditions else None
        invariants = [] if sights is None else watchers(sights, question.in_rounds)
        judges = [*properties, *invariants, Unharmed()]
        self._ending = any(map(ends, properties))
        world = World(
            placed,
            config.devices,
            medium=self._medium(maker_uses_calls(kind), judges),
            bounds=question.bounds,
            synchronous=question.in_rounds,
            numbered=any(hasattr(one, f"on_{kind}") for one in properties for kind in OF_MESSAGES),
            clocked=self._clocked,
            watched=self._ending or bool(conditions),
            lazy=self._lazy,
            several=self._several,
            graph=scenario.graph(config.devices),
            liars=liars,
        )
        ordered = scenario.ordered(config.devices)
        timeouts = question.timeouts or self._several
        rules = Rules(config.fifo, timeouts, scenario.faults, scenario.where, ordered)
        reduced = question.reduced and question.strategy in ("bfs", "dfs")
        reduced = reduced and LIVELOCK not in question.checks
        self._conditions = conditions
        made = Lockstep if question.in_rounds else Network
        return made(world, shared, judges, rules, self._sharing, reduced, sights)

    def _medium(self, calls: bool, judges: list[Property]) -> type[Medium]:
        """Return the kind of medium: one that takes all messages at once where nobody can tell."""
        alone = not (self._sharing or self._several or self.question.in_rounds)
        if not alone or not self.question.reduced or "receive" in kinds_of(judges):
            return CallMedium if calls else Medium
        return SoloCallMedium if calls else SoloMedium

    def progress(self) -> int:
        """Return a number that stays the same only while one device is at one step; for the
        watchdog, which is to interrupt no search.
        """
        network = self.network
        if network is None or not network.shared.at_work:
            self._looks += 1
            return -self._looks
        return sum(one.executed for one in network.automata)

    # -- the search

    def answer(self) -> Answer:
        """Search until there is an answer."""
        began = time.monotonic()
        if self.question.strategy == "auto":
            answer = in_turns(self.question, self._asked, self._progress)
        else:
            answer = self._searched()
            answer.strategy, answer.run = self.question.strategy, self.run
        if self.question.strategy in ("dfs", "random", "pct") and answer.counterexample is not None:
            answer.counterexample = self._shorter(answer.counterexample)
        answer.seconds = time.monotonic() - began
        answer.asked = [*(self.question.names or self.question.at_rest), Unharmed.name]
        return answer

    def follow(self, steps: Steps) -> Answer:
        """Return what one schedule comes to."""
        with contextlib.suppress(SharedState):
            self._built().close()  # what the scenario means
        answer = scheduled(self.run, self.question.asked_of_walks, steps)
        answer.asked, answer.strategy = [*self.question.asked_of_walks.checks], "one schedule"
        if answer.counterexample is not None:
            save(self.question, answer.counterexample)
        return answer

    def _asked(self, question: Question) -> Answer:
        """Return the answer to another question."""
        return Explorer(question, self._progress).answer()

    def _shorter(self, known: Counterexample) -> Counterexample:
        """Look for a while whether breadth first finds a shorter run that violates the same."""
        again = replace(self.question, strategy="bfs", seconds=_SHORTER, states=_MOST_SHORTER)
        found = Explorer(again, self._progress).answer().counterexample
        if (
            found is None
            or found.violation.property != known.violation.property
            or found.events >= known.events
        ):
            if self.question.save is not None:  # written over
                save(self.question, known)
            return known
        return found

    def _searched(self) -> Answer:
        while True:
            try:
                self.network = self._built()
            except SharedState as shared:
                return _shared(shared)
            try:
                with silent(), watchdog.watching(self):
                    return self._once(self.network)
            except Again as again:
                self._sharing |= str(again) == "shared"
                self._clocked |= str(again) == "clock"
                self._lazy &= str(again) != "loop"
                self._several |= str(again) == "several"
            except SharedState as shared:
                return self._counted(_shared(shared), Course(), self.network)
            except Unsupported as missing:
                answer = Answer(UNKNOWN, [f"{missing}: that is not explored"])
                return self._counted(answer, Course(), self.network)
            except Nondeterministic as differs:
                answer = Answer(UNKNOWN, [f"{differs}; {_HIDDEN}"])
                return self._counted(answer, Course(), self.network)
            finally:
                self.network.close()

    def _once(self, network: Network) -> Answer:
        question = self.question
        limits = Limits(question.depth, question.states, question.seconds)
        lasting = CAN_FINISH if CAN_FINISH in question.names else ""
        for name in LASTING.keys() & {*question.names}:
            if question.strategy != "bfs":
                raise UsageError(f"--check {name} needs all states: --strategy bfs")
        searches: dict[str, Callable[..., Course]] = {
            "bfs": partial(breadth_first, lasting=lasting),
            "jobs": partial(in_parallel, jobs=question.jobs),
            "dfs": depth_first,
            "random": partial(random_walks, seed=question.config.seed or 0),
            "pct": partial(by_priorities, seed=question.config.seed or 0),
        }
        judge = partial(self._judged, network)
        course = searches["jobs" if question.jobs > 1 else question.strategy](
            network, judge, limits, self._progress
        )
        if course.violated:
            answer = self._violated(network, course)
        elif LIVELOCK in question.names and not course.ended and (lasso := self._circle(network)):
            answer = self._confirmed(LIVELOCK, *lasso)
        else:
            answer = self._nonsense(network) or Answer(*self._verdict(network, course))
        answer.interrupted, answer.ended = course.ended == "interrupted", course.ended
        return self._counted(answer, course, network)

    def _circle(self, network: Network) -> tuple[Script, Violation] | None:
        """Return how devices may go round for ever, or None."""
        known = Livelocks(network, lambda states: self._progress(states, 0, 0))
        lasso = known.first()
        if lasso is None:
            return None
        around = lasso.moves[lasso.around :]
        waiting, going = known.waiting(lasso.circle), {move.device for move in around}
        reason = (
            f"{devices(waiting)} {wait(waiting)} for ever, while {devices(going)} may do the last "
            f"{len(around)} moves of this run again and again"
        )
        violation = Violation(LIVELOCK, LASTING[LIVELOCK], reason)
        return written(network, lasso.states[0], lasso.moves), violation

    def _judged(self, network: Network, state: State, at_rest: bool) -> str:
        """Return the name of what a state violates."""
        violation = network.monitors.violations[state[-2]]
        if violation is not None:
            return violation.property
        if at_rest and "deadlock" in self._at_rest and network.waiting(state):
            return "deadlock"
        if at_rest and "termination" in self._at_rest and network.unfinished(state):
            return "termination"
        if at_rest and self._ending:
            violation = judged(network, state)
            return violation.property if violation is not None else ""
        return ""

    def _counted(self, answer: Answer, course: Course, network: Network) -> Answer:
        answer.states, answer.moves = course.states, course.edges
        answer.depth, answer.walks = course.deepest, course.walks
        answer.local_states = sum(len(one.questions) for one in network.automata)
        answer.steps = sum(one.executed for one in network.automata)
        return answer

    # -- what it came to

    def _verdict(self, network: Network, course: Course) -> tuple[str, list[str]]:
        bounds = self._bounds(network, course.stage)
        if self.question.strategy in ("random", "pct") or (
            self.question.strategy == "dfs" and course.ended not in ("", "depth")
        ):
            return UNVIOLATED, [_ENDED[course.ended], *bounds]
        if course.ended:
            seen = course.deepest if course.ended == "depth" else course.deepest - 1
            return BOUNDED, [f"{_ENDED[course.ended]}: all schedules of {seen} moves", *bounds]
        never = [f"never reached: {one.text}" for one in self._conditions if one.role == "goal"]
        return (BOUNDED, [*never, *bounds]) if bounds else (HOLDS, never)

    def _nonsense(self, network: Network) -> Answer | None:
        """Return that a condition asked for what no device ever had."""
        if not self._conditions:
            return None
        seen = [one.shown(len(one.questions) - 1).device for one in network.automata]
        found = list(filter(None, (one.nonsense(seen) for one in self._conditions)))
        return Answer(UNKNOWN, found) if found else None

    def _bounds(self, network: Network, stage: int = 0) -> list[str]:
        """Return what was left out of account."""
        found = [
            f"{name} counts time, of which a search has none: not looked for, ask {CAN_FINISH}"
            for name in self.question.left_out
        ]
        found += [*self.scenario.left_out, *left_out(self._conditions, stage)]
        most = self.question.bounds.most
        if any(one.truncated for one in network.automata):
            found.append(
                f"of draws with more than {most} alternatives only {most} were taken, "
                "the first ones and the last"
            )
        if self._clocked and not self.question.in_rounds:
            found.append("clocks show what the waits of a device add up to, 0.1 s each")
        for index, cells in enumerate(network.cells):
            if cells.endless and network.automata[index].opaque:
                what = network.automata[index].opaque
                found.append(
                    f"device {index} cannot be looked into ({what}), not followed for ever"
                )
            elif cells.endless:
                found.append(f"device {index} counts something without end, not followed for ever")
            if cells.crowded:
                found.append(f"device {index} has many messages at once, not taken in all orders")
        return found

    # -- a violation

    def _violated(self, network: Network, course: Course) -> Answer:
        name = course.violated
        way = Way(moves_of(network, course.path), course.path, name)
        if name != CAN_FINISH:
            shrinker = Shrinker(network, partial(self._judged, network), way)
            if self.question.strategy == "bfs":  # it is as short as can be
                shrinker.grouped()
                way = shrinker.best
            else:
                way = shrinker.shrunk()
        last, moves = way.path[-1], way.moves
        resting: Violation | None = None
        if name == CAN_FINISH:
            resting = self._stuck(network, last)
        elif name in self._at_rest:
            resting, more = self._resting(network, name, last)
            moves = moves + more
        elif network.monitors.violations[last[-2]] is None:
            resting = judged(network, last)
            moves = moves + _to_rest(edges[-1] for edges in network.settled(last))
        if isinstance(network, Lockstep):
            script = written_in_rounds(network, way.path[0], way.path, moves)
        else:
            script = written(network, way.path[0], moves)
        return self._confirmed(name, script, resting)

    def _resting(self, network: Network, name: str, state: State) -> tuple[Violation, list[Move]]:
        """Return how a state at rest violates a property, and how the devices come to rest."""
        guilty = network.waiting(state) if name == "deadlock" else network.unfinished(state)
        ways = [
            guilty.get(device) or edges[-1] for device, edges in enumerate(network.settled(state))
        ]
        moves = _to_rest(ways)
        what = "for ever, and nothing can come" if name == "deadlock" else ""
        reason = (
            f"{devices(guilty)} {wait(guilty)} {what}"
            if what
            else f"{devices(guilty)} never ends, and nothing can happen any more"
        )
        hint = "look at who should have sent or released what the others wait for"
        return Violation(name, AT_REST[name], reason, (), hint), moves

    def _stuck(self, network: Network, state: State) -> Violation:
        """Return what can never happen any more."""
        every = range(network.devices)
        busy = [device for device in every if network.wants(device, state[device])]
        lasting = busy or [one for one in every if not network.is_over(one, state[one])]
        what = "be let in" if busy else "come to an end"
        reason = f"after this, {devices(lasting)} can never {what} any more, whatever happens"
        return Violation(CAN_FINISH, LASTING[CAN_FINISH], reason)

    @property
    def run(self) -> RunConfig:
        """The configuration of a run that may do what is searched."""
        question, scenario = self.question, self.scenario
        plan = Plan(question.bounds, *scenario.faults, where=scenario.where)
        return replace(question.config, plan=plan, network=scenario.recorded(question.config))

    def _confirmed(self, name: str, script: Script, resting: Violation | None) -> Answer:
        """Play a script; only what happens once more, without tables, is reported."""
        config = self.run
        play = played_in_rounds if self.question.in_rounds else played
        once = play(config, script, self.question.asked)
        violation = resting or once.violation(name)
        if once.off or violation is None:
            reason = once.off or "the violation does not happen"
            return Answer(UNKNOWN, [f"played once more, {reason}; {_HIDDEN}"])
        example = Counterexample(violation, once.steps, config, once.lines, once.events)
        example.decisions, example.rounds = once.decisions, once.rounds
        save(self.question, example)
        goals = [one.name for one in self._conditions if one.role == "goal"]
        return Answer(REACHED if name in goals else VIOLATED, [], counterexample=example)


_HIDDEN = (
    "something decides that is no decision of the schedule: look for the order of a set of "
    "objects, id(), a real clock or a real file"
)
_SHORTER, _MOST_SHORTER = 5.0, 100_000
"""Seconds and states of a search for a shorter run than the one that was found otherwise."""
_ENDED = {
    "depth": "stopped at --depth",
    "states": "stopped at --states",
    "time": "stopped by --budget",
    "walks": "all walks are done",
    "memory": "stopped because memory is short",
    "interrupted": "interrupted",
    "gone": "stopped because a process of the search was ended by somebody else",
}


def _to_rest(ways: Iterable[Edge]) -> list[Move]:
    """Return how devices come to rest, as moves."""
    return [Move(device, edge.label) for device, edge in enumerate(ways) if edge.label[1]]


def _refuse_shared(conditions: Iterable[Condition], shared: Shared) -> None:
    """Raise `SharedState` where what a condition sees of a device may be changed by another."""
    for one in conditions:
        asked = one.attributes
        both = shared.plain_names() if asked is None else {*asked} & shared.plain_names()
        if both:
            raise SharedState(f"{', '.join(sorted(both))}, which {one.text!r} may look at")


def _shared(shared: SharedState) -> Answer:
    return Answer(UNKNOWN, [f"devices share {shared}"])


def explore(
    config: RunConfig,
    *,
    byzantine: Collection[int] = (),
    progress: Progress = _quiet,
    **asked: Any,
) -> Answer:
    """Return the answer to a question about a program; `asked` are fields of `Question`.

    Devices that are `byzantine` may lie: see `liars`.

    Raises `UsageError` for what is wrong with the configuration or the exercise file.
    """
    check(config)
    config = liars(config, byzantine)
    return Explorer(Question(config, **asked), progress).answer()
