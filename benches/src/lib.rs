//! Measurements: `make bench`. Each stands beside what it is to be compared with, measured in the same run.
