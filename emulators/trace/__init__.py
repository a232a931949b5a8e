"""What is remembered of a run.

envelope    a message on its way, with a copy of its fields that nobody else can change
events      the events of a run, the observer interface, and the trace in memory
console     an observer that prints messages and rounds as they happen
statistics  an observer that counts
log         the trace on disk: one line of JSON an event, read back for a replay
causality   Lamport and vector clocks of every event
"""
