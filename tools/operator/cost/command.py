"""`bin/trackgate cost`: a month's bill for some volumes of events, or for a deployed stack's settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from tools.errors import CommandError
from tools.failures.aws import Failures
from tools.failures.aws import explained as said
from tools.operator.cost.bill import bill
from tools.operator.cost.listing import data, explained, listing
from tools.operator.cost.prices import TABLE, Prices
from tools.operator.cost.traffic import Traffic
from tools.operator.output import AsJson, note, out, print_json
from tools.operator.stack import DEFAULT_STACK, Stack
from tools.template.reader import Template

VOLUMES = ("1M", "100M", "10G")
MOST_EVENTS = 10_000 * 10**9
_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9}


def cost(
    events: Annotated[
        list[str] | None, typer.Option(help="Events per month, such as 5M; may be repeated.")
    ] = None,
    size: Annotated[
        int, typer.Option(min=1, max=10_000_000, help="Size of an event's body, in bytes.")
    ] = 600,
    latency: Annotated[int, typer.Option(min=1, max=15_000, help="Milliseconds that a vendor takes.")] = 200,
    queued: Annotated[str, typer.Option(help="Share of events whose vendor fails at first.")] = "1%",
    attempts: Annotated[float, typer.Option(min=1, max=200, help="Attempts per queued event.")] = 3,
    keyed: Annotated[str, typer.Option(help="Share of events with an idempotency key.")] = "5%",
    stored: Annotated[str, typer.Option(help="Share of events stored by Trackgate, not relayed.")] = "20%",
    per_request: Annotated[
        int, typer.Option(min=1, max=500, help="Events per call; above 1, through the batch doors.")
    ] = 1,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A parameter, such as Monitoring=off; may be repeated.")
    ] = None,
    stack: Annotated[
        str | None, typer.Option(help="Use the parameters of this CloudFormation stack.")
    ] = None,
    region: Annotated[str | None, typer.Option(help="The stack's region; by default, the profile's.")] = None,
    local: Annotated[
        bool, typer.Option("--local", help="Use the parameters of the stack of `make local`, at AWS_PORT.")
    ] = False,
    prices: Annotated[
        Path, typer.Option(help="Another price table than docs/cost.md's, a TOML file.", show_default=False)
    ] = TABLE,
    explain: Annotated[bool, typer.Option("--explain", help="Show how each line was calculated.")] = False,
    json: AsJson = False,
) -> None:
    """Calculate what a deployment costs per month, in US dollars.

    Without --stack or --local, it uses the template's defaults. Free tiers, taxes, the vendors' own prices
    and a database of your own are not included. 0 events show what an idle stack costs.
    """
    if region and not (stack or local):
        raise _wrong("--region", "it says where --stack is; --prices has another region's prices")
    try:
        template, table = Template.read(), Prices.read(prices)
        chosen = _parameters(template, stack, region, local=local) | _settings(template, settings or [])
        bills = {}
        for volume in events or VOLUMES:
            traffic = Traffic(
                events=_number("--events", volume),
                size=size,
                latency=latency / 1000,
                per_request=per_request,
                queued=_share("--queued", queued),
                attempts=attempts,
                keyed=_share("--keyed", keyed),
                stored=_share("--stored", stored),
            )
            bills[traffic.events] = list(bill(template, chosen, traffic, table))
    except CommandError as error:
        note(str(error), "red")
        raise typer.Exit(1) from error
    except Failures as error:
        note(said(error, local=local), "red")
        raise typer.Exit(1) from error
    if json:
        for number, lines in bills.items():
            for line in lines:
                print_json(data(number, line, table))
        return
    if explain:
        for number, lines in bills.items():
            out.print(explained(number, lines), "")
    else:
        out.print(listing(bills))
    note(f"List prices of {table.date} in {table.region}, without free tiers; {prices} has their sources.")
    used = {line.price for lines in bills.values() for line in lines}
    if unseen := sorted(name for name in used if not table[name].seen):
        note(f"To check on AWS's pricing pages, which could not be read on that date: {', '.join(unseen)}")


def _parameters(template: Template, stack: str | None, region: str | None, *, local: bool) -> dict[str, str]:
    """The deployed stack's, if one is named. Its systems that are off have no queue."""
    if stack is None and not local:
        return {}
    found = Stack.open(stack or DEFAULT_STACK, region=region, local=local).parameters
    return {name: value for name, value in found.items() if name in template.parameters}


def _settings(template: Template, given: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or name not in template.parameters:
            raise _wrong("--set", f"{text}: use a parameter's name, = and its value: docs/settings.md")
        if refusal := template.refusal(name, value):
            raise _wrong("--set", f"{text} {refusal}")
        found[name] = value
    return found


def _number(option: str, text: str) -> float:
    found = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]+)?)([kMG]?)", text)
    number = float(found[1]) * _UNITS[found[2]] if found else MOST_EVENTS + 1
    if number > MOST_EVENTS:
        raise _wrong(option, f"{text}: use a number and k, M or G, at most 10000G: 250k, 5M, 10G")
    return number


def _share(option: str, text: str) -> float:
    found = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]+)?)%", text)
    if found is None or float(found[1]) > 100:
        raise _wrong(option, f"{text}: use a percentage from 0% to 100%, such as 0.5%")
    return float(found[1]) / 100


def _wrong(option: str, problem: str) -> typer.BadParameter:
    return typer.BadParameter(problem, param_hint=f"'{option}'")
