"""What can be wrong with a spine: the six signs, and what looks like them. One file each."""
