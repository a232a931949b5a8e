"""The verdicts of a submission, written down: one module for each form."""
