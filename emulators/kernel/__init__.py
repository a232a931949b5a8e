"""The kernel: tasks, virtual time, the one door for decisions. It knows no device and no message.

carrier   how a blocking function is suspended and resumed (the only importer of greenlet)
tasks     tasks and the scheduler that resumes them in the order of virtual time
choices   every decision that nobody but the environment takes
"""
