"""The framework. Imports nothing, so that any part can be imported alone.

The rooms, from the top; each may use only what stands below it:

gui, grading                     windows; verdicts over submissions
runner, sweeps, transports       one run, many runs, runs in real processes
export, explore, check           pictures, search over schedules, properties
SteppingEmulator, replay         a run in single steps; a run from its recording
SyncEmulator, AsyncEmulator      the two timing models
simulation                       devices + scheduler + network + trace
virtual                          time, random, threading, queue as student files see them
network, trace                   what a channel does; what is remembered of a run
kernel                           tasks, virtual clock, choices: knows no device and no message
Device, Medium, MessageStub,     what a student sees
EmulatorStub, todo, errors
"""
