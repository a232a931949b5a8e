"""A model checker for ordinary blocking student code.

What is asked and answered
    question             a configuration, properties, and how to search
    scenario             a hostile network as what may happen in a search
    explorer             from a question to an answer
    turns                the usual way: a little breadth first, walks, breadth first to the end
    answer, report       what a search came to; the same in words

One device
    solo                 one device alone: built, fed, killed
    frames, stack        what a suspended frame still needs: live locals, values on its stack
    fingerprint          a suspended device as one comparable value
    shared               module globals and class variables that a program changes
    automaton            the states of devices and the steps between them, each computed once

All devices
    mail, cells          messages, and devices with their inboxes, as numbers
    network              where a network begins, and where it may go
    faults, lies         losses, duplicates, crashes; what byzantine devices may say
    monitors, conditions properties and conditions as numbers: each judgement made once
    rest                 a network in which nothing can happen any more
    lockstep             a synchronous network, round by round

Searching
    jumps, teacher       states as whole numbers, moves as additions; what the tables lack
    breadth, search      breadth first; depth first and walks through the tables
    parallel, worker     breadth first in several processes
    marks                prunes and stages
    graph, livelock      strongly connected components; fair circles in which nobody gets on
    walking              runs by chance, without tables; lockstep_walking: in rounds

What was found, as a run
    script, playing      a path through the states as a run; the run, led and judged (lockstep_…)
    steps                a schedule as a person writes it
    shrink, reducing     shorter paths through the states; shorter runs, by running them
    changes              one schedule again; the one message that should have come later
"""
