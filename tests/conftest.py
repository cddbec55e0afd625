"""What every test may use. Nothing here starts a server or loads torch."""
