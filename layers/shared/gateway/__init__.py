"""Trackgate's gateway: what every handler stands on. Modules import downwards only.

endpoint → delivery → {once, records, breaker, queue, http} → {aws, secrets, keys} → {call, wire, answer, errors}
"""

__version__ = "0.1.0"
