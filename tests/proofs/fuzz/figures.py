"""The report of a run: tables of the requests and responses, and every finding."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.profiles import profiles
from tests.proofs.fuzz import upstream_requests
from tests.proofs.fuzz.run import Tally
from tools.sandbox.client import Sandbox

RULES = {
    "answers of 5xx": ("5xx",),
    "requests without an answer": ("no answer",),
    "leaks": ("leak",),
    "answers outside the dialect": (
        *(f"{system}:" for system in profiles()),
        "edge:",
        "own answer",
        *("header", "HEAD", "CORS", "preflight", "Gateway-Error"),
    ),
}
_CLASSES = ("2xx", "4xx", "5xx", "none")


@dataclass
class Verdict:
    """A run and what its upstreams say of it, once all is delivered."""

    tally: Tally = field(default_factory=Tally)
    upstream_requests: Counter[str] = field(default_factory=Counter)
    upstream: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    lost_rows: set[str] = field(default_factory=set)

    def hear(self, sandbox: Sandbox, variant: str = "") -> None:
        """Judge what the upstreams received in this variant, and let them forget it."""
        for entry in sandbox.entries():
            self.upstream_requests[variant] += 1
            for text in upstream_requests.judge(entry, variant):
                self.upstream[text] += 1
                self.examples.setdefault(
                    text, f"{entry.method} {entry.target} {dict(entry.headers)} {entry.content[:300]!r}"
                )
        sandbox.clear_ledger()

    @property
    def findings(self) -> list[str]:
        """Everything that must not be, in lines for people; none if all is well."""
        lines = [f"{count} times {text} [{route}]" for (text, route), count in self.tally.found.most_common()]
        lines += [
            f"{count} times upstream: {text}: {self.examples[text]}" for text, count in self.upstream.items()
        ]
        if self.lost_rows:
            lines.append(f"{len(self.lost_rows)} rows: acknowledged and not stored")
        return lines


def table(verdict: Verdict, seconds: float, seed: int) -> str:
    """The figures, in Markdown."""
    tally = verdict.tally
    routes = sorted({route for route, _ in tally.by_route})
    lines = [
        f"seed {seed}: {tally.requests:,} requests in {seconds:,.0f} s "
        f"({tally.requests / max(seconds, 1):.0f}/s), "
        f"{verdict.upstream_requests.total():,} requests to upstreams, {len(tally.rows):,} rows stored",
        *(
            f"of these to upstreams, {count:,} in the variant `{variant}`"
            for variant, count in verdict.upstream_requests.items()
            if variant
        ),
        "",
        f"| route | requests | {' | '.join(_CLASSES)} |",
        "|---|---:|" + "---:|" * len(_CLASSES),
    ]
    for route in routes:
        counts = [tally.by_route[route, status] for status in _CLASSES]
        lines.append(f"| `{route}` | {sum(counts)} | " + " | ".join(map(str, counts)) + " |")
    lines += ["", "| kind | requests |", "|---|---:|"]
    lines += [f"| {kind} | {count} |" for kind, count in sorted(tally.by_kind.items())]
    refused = sum(count for text, count in verdict.upstream.items() if text.endswith(": malformed"))
    others = sum(verdict.upstream.values()) - refused
    lines += ["", "| finding | count |", "|---|---:|"]
    lines += [f"| {name} | {tally.matching(*rules)} |" for name, rules in RULES.items()]
    lines += [
        f"| upstream requests that a validator of the vendor's contract refuses | {refused} |",
        f"| upstream requests with another path, header, credential or app id | {others} |",
        f"| acknowledged rows that are not stored | {len(verdict.lost_rows)} |",
    ]
    return "\n".join(lines)


def details(verdict: Verdict) -> str:
    """Every finding with the shortest request that showed it, and the responses that no function gave."""
    lines = list(verdict.findings)
    for (text, route), (raw, response) in verdict.tally.shown.items():
        lines += [
            "",
            f"--- {text} [{route}]",
            repr(raw),
            f"{response.status} {response.headers}",
            repr(response.body[:500]),
        ]
    lines += ["", "answered before any function:"]
    lines += [f"  {count} times {text}" for text, count in verdict.tally.own.most_common(60)]
    return "\n".join(lines)
