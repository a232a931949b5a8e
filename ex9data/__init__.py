"""The books of lecture 9: their generator, the archive, and how they are unpacked."""
