"""Lecture 13, what is given: the master with its script, the observer, and what every node can do.

All three are devices and talk by messages only, so that a bank runs in every type of network. The
marker rules are not here: they are the exercise. Transfers and tokens are messages of the exercise
file; these here are `Command` and `Reply`.
"""
