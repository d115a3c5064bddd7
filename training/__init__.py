"""Offline: ratings and films in, a verified bundle out. `python -m training --help` lists the commands."""

import os

# Here, since TensorFlow reads them when it is imported. Its notes about processors and CUDA help nobody, and oneDNN's
# kernels add up in an order of their own, so that the same seed would not give the same figures on every machine.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
# The towers train side by side, each on its share of the cores; among several workers, one after the other.
if "TF_CONFIG" not in os.environ:
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(max(1, (os.cpu_count() or 2) // 2)))
