"""The framework. Imports nothing, so that any part can be imported alone.

The rooms, from the top; each may use only what stands below it (pyproject.toml holds them to it):

command_line, commands, options,     what is typed, and what is printed for it
listing, console_run, determinism,
giving_up, hashing
grading                              suites that judge submissions, one or a class; reports
stepping_run, terminal, gui          a run in steps: in a terminal, in a window
diagram, screen, remote              pure geometry; is there a display; a presenter's remote
real_run, real_runner,               a run in real processes: printed, made; one of them
device_process
explore                              all schedules of a program: a model checker
runner                               one run: a configuration, an emulator, a result
program                              a configuration, and what it names in an exercise file
transports                           real processes, sockets, machines; and in the simulator again
check                                properties: what must hold in a run, and why it did not
sweeps                               many runs beside each other: parameters, measures, table
stepper, conditions, predicates,     time travel; what stops a run, read and evaluated safely
reading, looking
untimed                              a run in any order, each move a decision
SteppingEmulator, replay             a run under a person's hand; a run from its recording
SyncEmulator, AsyncEmulator          the two timing models
simulation, port                     devices + scheduler + trace; where the network meets a device
hazards, links, lives, unusual,      what a hostile network does: moments, channels, crashes
addresses
lectures, catalogue, limits          what there is to run, and when it is stopped
watchdog                             finds code that does not come back
virtual                              time, random, threading, queue as exercise files see them
network                              a network as data: topology, latency, faults, scenarios
trace                                what is remembered of a run
kernel                               tasks, virtual clock, choices: knows no device and no message
bank                                 what is given for lecture 13: master, observer, nodes
Device, Medium, MessageStub,         what a student sees
EmulatorStub, todo, operations,
 generations
errors, usage                        what can go wrong, in words
monitor                              a distributed monitor for real programs, beside all of this
bootstrap                            the first start, before any package is there
"""
