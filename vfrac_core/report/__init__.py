"""The report of a finished cross-validation or evaluation: one HTML file that opens offline, a CSV for every table, a PNG for
every figure, the paper's numbers beside ours."""
