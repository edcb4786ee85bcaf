"""`trackgate keys`: create, list, rotate, revoke the gateway's own credentials for apps."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.text import Text

from gateway.outbound.secrets import AFTER_UNKNOWN_KEY_SECONDS, KEYS_KEEP_SECONDS, STALE_KEYS_SECONDS
from tools.errors import CommandError
from tools.operator import accounts, duration, secret
from tools.operator.client_keys import entries, listing
from tools.operator.client_keys.entries import NewKey
from tools.operator.command import on_stack
from tools.operator.duration import spoken
from tools.operator.output import AsJson, note, notes, out, print_json, table
from tools.operator.stack import Stack

app = typer.Typer(
    no_args_is_help=True, help="Client keys: what apps sign in with. Only their hashes are kept."
)

SHORTEST = 10.0
"""Seconds: a key takes half of that until it is good everywhere; what ends sooner is of no use to an app."""
MAX_NAME = 100

Id = Annotated[str, typer.Argument(help="The key's id, its second part: tg_<id>_….", show_default=False)]
Expires = Annotated[
    float | None, typer.Option(parser=duration.seconds, metavar="365d", help="Ends after this time.")
]


@app.command()
@on_stack
def create(
    stack: Stack,
    name: Annotated[str, typer.Argument(help="Whose it is: ios-shop.", show_default=False)],
    system: Annotated[list[str], typer.Option("--system", help="Good for this system; may be repeated.")],
    allow: Annotated[
        list[str],
        typer.Option(help="A project, idApp or app that it may touch, or *; may be repeated."),
    ],
    expires: Expires = None,
) -> None:
    """Make a key and print it, once: nobody can read it again."""
    secret_ids = {each: stack.secret(each) for each in stack.chosen(system)}
    if not (0 < len(name.strip()) <= MAX_NAME and name.isprintable()):
        raise CommandError(f"A key's name is 1 to {MAX_NAME} printable characters: ios-shop")
    allows = accounts.checked_for_key(list(secret_ids), allow)
    _long_enough("--expires", expires)
    new = NewKey()
    now = time.time()
    entry = new.entry(
        name=name, allows=allows, created=now, expires=None if expires is None else now + expires
    )
    done: list[str] = []
    try:
        for each, secret_id in secret_ids.items():
            secret.edit(
                stack.client("secretsmanager"), secret_id, lambda document: entries.with_key(document, entry)
            )
            done.append(each)
    finally:
        _print(new, done)


@app.command("list")
@on_stack
def list_(stack: Stack, json: AsJson = False) -> None:
    """List all keys: whose, where, for what, until when."""
    found = listing.rows(
        {
            system: secret.read(stack.client("secretsmanager"), stack.secret(system))
            for system in _with_secret(stack)
        }
    )
    now = time.time()
    if json:
        for row in found:
            print_json(row.data(now))
    elif found:
        whole = {"id": 2 * entries.ID_BYTES, "created": len("2026-01-31")}
        shown = table("id", "name", "systems", "allows", "created", "state", whole=whole)
        for row in found:
            shown.add_row(*map(Text, row.cells(now)))
        out.print(shown)
    else:
        note("No keys.")


@app.command()
@on_stack
def rotate(
    stack: Stack,
    id: Id,
    grace: Annotated[str, typer.Option(metavar="7d", help="For so long both are good.")] = "7d",
) -> None:
    """Make a key that may do what another may, and let the other end after a time of grace."""
    left = _seconds("--grace", grace)
    _long_enough("--grace", left)
    new = NewKey()
    now = time.time()
    systems = _systems_of(stack, id)
    done: list[str] = []
    try:
        for system in systems:
            secret.edit(
                stack.client("secretsmanager"),
                stack.secret(system),
                lambda document: entries.rotated(document, id, new, now=now, grace=left),
            )
            done.append(system)
    except CommandError as error:
        raise CommandError(f"{systems[len(done)]}: {error}") from error
    finally:
        _print(new, done)
    note(f"Key {id} ends in {spoken(left)}, if not before. To end it at once: keys revoke {id}")


@app.command()
@on_stack
def revoke(
    stack: Stack,
    id: Id,
    system: Annotated[list[str] | None, typer.Option("--system", help="Only there; may be repeated.")] = None,
) -> None:
    """Take a key away."""
    for each in stack.chosen(system) if system else _systems_of(stack, id):
        if entries.found(secret.read(stack.client("secretsmanager"), stack.secret(each)), id) is None:
            raise CommandError(f"{each} has no key {id}")
        secret.edit(
            stack.client("secretsmanager"),
            stack.secret(each),
            lambda document: entries.without_key(document, id),
        )
        out.print(f"Key {id} is revoked for {each}.", markup=False)
    note(
        f"It is refused everywhere in {KEYS_KEEP_SECONDS:.0f} seconds: so long functions keep what they read."
    )
    note(f"(Where the secret cannot be read meanwhile, they keep it for {spoken(STALE_KEYS_SECONDS)}.)")


def _seconds(option: str, text: str) -> float:
    try:
        return duration.seconds(text)
    except typer.BadParameter as error:
        error.param_hint = option
        raise


def _with_secret(stack: Stack) -> list[str]:
    return [system for system in stack.systems if stack.has_secret(system)]


def _systems_of(stack: Stack, id: str) -> list[str]:
    systems = [
        system
        for system in _with_secret(stack)
        if entries.found(secret.read(stack.client("secretsmanager"), stack.secret(system)), id)
    ]
    if not systems:
        raise CommandError(f"No system has a key {id}")
    return systems


def _print(new: NewKey, systems: list[str]) -> None:
    if systems:
        note(f"Key {new.id} for {', '.join(systems)}. This is the only time that it is shown:")
        out.print(new.text, markup=False, soft_wrap=True)
        _wait_until_good(AFTER_UNKNOWN_KEY_SECONDS)


def _wait_until_good(seconds: float) -> None:
    """A function that has just looked for another unknown key looks again after this time at the latest: who
    uses the new key once the command has ended is refused by none."""
    with notes.status(f"Good everywhere in {seconds:.0f} seconds"):
        try:
            time.sleep(seconds)
        except KeyboardInterrupt:
            note(f"The key exists, and works everywhere within {seconds:.0f} seconds.", "yellow")
            raise
    note("It is good everywhere.")


def _long_enough(option: str, seconds: float | None) -> None:
    if seconds is not None and seconds < SHORTEST:
        raise typer.BadParameter(
            f"at least {SHORTEST:.0f}s, as a new key takes {AFTER_UNKNOWN_KEY_SECONDS:.0f} seconds to work "
            "everywhere (to end a key at once: keys revoke)",
            param_hint=option,
        )
