"""What every test may use. Nothing here starts a server or loads torch."""

from hypothesis import settings

# A property is about values; on a busy machine a single example may take any time.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
