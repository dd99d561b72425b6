"""The tests. Their processes fill all cores, so that each computes in one thread."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
