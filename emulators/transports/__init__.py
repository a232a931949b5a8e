"""Devices as real processes that talk over real sockets, and such a run in the simulator.

codec        messages as bytes and back, schema-free; only the exercise's classes come out
wire         what travels between devices, and the interface of what carries it
sockets      a wire of stream sockets, between processes of one machine
zeromq       a wire of ZeroMQ, between processes of one machine or many
hosts        where the devices of several machines are, and their keys
meeting      how these find each other
timing       clocks and waits that the world decides
apart        devices that share nothing: a namespace for each
shim         loss, doubles, delay and topology, where messages are sent
feasible     what of a scenario can be done to real processes
storage      stable attributes, which outlive a killed process
port, alone  where a network of bytes meets a device; the emulator of a single device
history      what a device writes down of its run
merging      the histories of all devices as one recording
reenactment  a recorded real run in the simulator; `stepped`: under a person's hand
totals       statistics of all devices together
pipes        what a supervisor and a device's process say to each other
child        one process as its supervisor knows it
supervisor   starts, watches, stops and ends the processes
"""
