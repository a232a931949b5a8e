"""The exercise files: `demo.py` is lecture 0, `exerciseN.py` is the template of lecture N."""
