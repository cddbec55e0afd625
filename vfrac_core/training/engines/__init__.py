"""Where the folds of a cross-validation, and the scoring of many cases, are computed: here, in processes, or on Ray."""
