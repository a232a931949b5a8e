"""An exercise file for the benchmarks."""
