"""`python -m training …`."""

import os
import sys

# Before TensorFlow is imported: its notes about processors and CUDA help nobody here, and oneDNN's kernels add up in an
# order of their own, so that the same seed would not give the same figures on every machine.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

from training.cli import main

sys.exit(main())
