"""Trackgate's gateway: the library under every handler. Rooms import downwards only.

endpoint → system → { inbound ∥ delivery } → outbound → core
"""

__version__ = "0.3.0"
