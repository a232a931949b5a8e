"""The modules of the standard library that would break determinism, as student files see them.

clock    time and datetime on the virtual clock
dice     random, secrets and uuid drawn through the choices of the run
threads  threading: a thread that a device starts is one more task of that device
asking   input
refused  asyncio and multiprocessing, which no run can do
modules  the table of all of them, and their place in files imported the ordinary way
loader   an exercise file in a fresh namespace, with these modules inside

Outside a run each of them behaves like the real one.
"""
