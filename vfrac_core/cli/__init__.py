"""The command line. Results on stdout, everything else on stderr; exit 0 done, 2 the input was refused, 1 a bug."""
