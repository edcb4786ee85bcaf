"""What the sandbox of a local run received and answered at each of a life's tries."""

from __future__ import annotations

from tools.operator.life.life import Life
from tools.sandbox.client import Entry, Sandbox


def exchanges(life: Life, sandbox: Sandbox) -> dict[int, Entry]:
    """The ledger's entries by the places of their steps, in order; a request that it lacks is absent.

    Of several requests with one content, each try has the one that is nearest in time. Raises OSError if the
    sandbox does not answer, ValueError for a digest that is none.
    """
    left: dict[str, list[Entry]] = {}
    found: dict[int, Entry] = {}
    for place, step in enumerate(life.steps):
        if not step.request:
            continue
        if step.request not in left:
            left[step.request] = sandbox.named(step.request)
        if same := left[step.request]:
            found[place] = min(same, key=lambda entry: abs(entry.at - step.at))
            same.remove(found[place])
    return found
