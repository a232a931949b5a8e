"""The first start, before any package is there."""
