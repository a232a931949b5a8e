"""Many submissions, each judged in a process of its own that can harm nobody.

entries.py finds and unpacks them, box.py starts the process and reads its verdicts, inside.py is
what runs in it, under the limits and rules of confinement.py and the watch of integrity.py.
spread.py distributes them over cores and machines, gradebook.py keeps and adds up the results.
Not here: how one submission is judged.
"""
