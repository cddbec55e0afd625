"""Errors that a user can cause. Each message is one line: what was found, what was expected, what to do.

No message ever carries patient data: no tag value, no file name, no reader's text. Anything that is not a
``VfracError`` is a bug; the screens and the command line log it and show one neutral sentence.
"""


class VfracError(Exception):
    """Base of every error that a user can cause and mend."""


class UnreadableSeriesError(VfracError):
    """The input holds no CT series that can be read (not CT, cut off, encrypted, unknown compression, too large …)."""


class IrregularVolumeError(UnreadableSeriesError):
    """The slices do not form one regular volume (gap, doubled slice, tilt, two orientations, too few slices)."""


class InvalidRoiError(VfracError):
    """A box that is empty, too small or outside the slice, or a slice that the stack does not have."""


class CheckpointMismatchError(VfracError):
    """A weights file that does not belong to the network that this program builds."""


class SeenInTrainingError(VfracError):
    """The network has learned from this case: what it says of it is a memory, no prediction."""


class StoreError(VfracError):
    """The store could not save or read: busy, full, damaged, or written by a newer program."""


class StoreUnavailableError(StoreError):
    """The store is busy, full or may not be written now: the same save may go through later."""


class IncompleteReadingError(VfracError):
    """A reading that cannot be submitted yet. ``missing`` are plain names, in the order of the form."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(f"still to answer: {', '.join(missing)}")
        self.missing = missing


class AlreadySubmittedError(StoreError):
    """The reading was submitted before; a later change is a correction and needs a reason."""


class NotAllowedError(VfracError):
    """The caller may not see or do this now. Says the same whether or not the thing exists (blinding)."""


class SettingsError(VfracError):
    """A setting from the environment or the command line that cannot be used."""


class CannotBeShownError(VfracError):
    """A synthetic case whose signs hide one another: one of them could not be made visible."""
