"""Calls to vendors and to AWS, and the secrets that they need."""

import warnings

# The layer leaves charset_normalizer out, and requests would say so in the log of each cold start.
warnings.filterwarnings("ignore", "Unable to find acceptable character detection")
