"""Trackgate's gateway: what every handler stands on. Modules import downwards only.

endpoint → delivery → {records, breaker, queue, http} → once → {aws, secrets, keys} →
{call, wire, answer, errors}
"""

__version__ = "0.1.0"
