"""``python -m vfrac_core``: the command line."""

from vfrac_core.cli.main import main

if __name__ == "__main__":  # the spawned reader of DICOM imports this module under another name: it must not start us again
    main()
