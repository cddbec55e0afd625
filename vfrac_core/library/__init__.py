"""The case library: what stands between files on a disk and a case on the screen. Importing, and stacks ready to serve."""
