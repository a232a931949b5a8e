"""The framework. Imports nothing, so that any part can be imported alone.

The rooms, from the top; each may use only what stands below it (pyproject.toml holds them to it):

console                              the command line: what is typed, what is printed for it,
                                     commands beside a run, a terminal to step in
gui                                  the window, and the start window
grading                              suites that judge submissions, one or a class; reports
remote                               a presenter's remote
explore                              all schedules of a program: a model checker
real                                 a run in real processes, and what each of these does
runner                               one run: a configuration, an emulator, a result
program                              a configuration, and what it names in an exercise file
transports                           real processes, sockets, machines; and in the simulator again
sweeps                               many runs beside each other: parameters, measures, table
check                                properties: what must hold in a run, and why it did not
diagram                              pure geometry, for the screen and for SVG
stepping                             time travel; what stops a run, read and evaluated safely
untimed                              a run in any order, each move a decision
SteppingEmulator, replay             a run under a person's hand; a run from its recording
swappable                            both timing models, the one or the other at any moment
SyncEmulator, AsyncEmulator          the two timing models
simulation, port                     devices + scheduler + trace; where the network meets a device
hostile                              what a hostile network does in a run: channels, crashes, liars
lectures, catalogue, limits          what there is to run, and when it is stopped
watchdog                             finds code that does not come back
virtual                              time, random, threading, queue as exercise files see them
network                              a network as data: topology, latency, faults, scenarios
trace                                what is remembered of a run
kernel                               tasks, virtual clock, choices: knows no device and no message
bank                                 what is given for lecture 13: master, observer, nodes
Device, Medium, MessageStub,         what a student sees
EmulatorStub, todo, operations, honesty,
 generations
errors, usage                        what can go wrong, in words
monitor                              a distributed monitor for real programs, beside all of this
start                                the first start, before any package is there
"""
