"""A model checker for ordinary blocking student code.

frames       what a suspended frame still needs: live locals, values on its stack
stack        reading these values (per Python version, tested at start)
fingerprint  a suspended device as one comparable value
shared       module globals and class variables that a program changes
solo         one device alone: built, fed, killed
automaton    the states of devices and the steps between them, each computed once
cells        a device with its inbox as one number; the states of a network as tuples of numbers
monitors     properties as numbers: each judgement made once
search       breadth first and depth first, with bounds
turns        the usual way: a little breadth first, walks, breadth first to the end
walking      runs by chance, without tables
steps        a schedule as a person writes it; who writes it down, who follows it
script       a path through the states as a run
playing      runs that are led, and judged
shrink       shorter paths through the states
reducing     shorter runs, by running them
changes      one schedule again; the one message that should have come later
report       the answer, in words
"""
