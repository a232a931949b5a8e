"""What `exercise_runner.py NAME …` does besides a run: a module with `main(arguments)` for each."""
