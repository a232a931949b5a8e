"""Runs in real processes: what starts from a configuration, and what each process does.

runner       a configuration becomes processes and a result
process      one device, from its job to its end
output       what a device prints, logs and fails with, on its way to the supervisor
streams      the pipes that a process of a device has, and its end with its parent

What such processes are made of is in transports/.
"""
