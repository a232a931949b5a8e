"""Many runs beside each other: parameters times seeds, what is measured, and the table of it."""
