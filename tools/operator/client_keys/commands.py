"""`bin/trackgate keys`: creates, lists, rotates and revokes the keys by which apps sign in to the gateway."""

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
from tools.operator.systems import known

app = typer.Typer(
    no_args_is_help=True, help="Create, list, rotate and revoke client keys, with which apps sign in."
)

SHORTEST = 10.0
"""Seconds: a key takes half of that to work everywhere, so an app could hardly use a shorter one."""
MAX_NAME = 100

Id = Annotated[str, typer.Argument(help="The key's id, its second part: tg_<id>_…", show_default=False)]
Expires = Annotated[
    float | None, typer.Option(parser=duration.seconds, metavar="365d", help="How long the key is valid.")
]


@app.command()
@on_stack
def create(
    stack: Stack,
    name: Annotated[str, typer.Argument(help="Who uses it, e.g. ios-shop.", show_default=False)],
    system: Annotated[list[str], typer.Option("--system", help="Valid for this system; may be repeated.")],
    allow: Annotated[
        list[str],
        typer.Option(
            help="A project or idApp that it may access, or * for all; may be repeated. For a system whose "
            "requests name no app: the app that its events go to, or * for the stack's own."
        ),
    ],
    expires: Expires = None,
) -> None:
    """Create a key and print it. It is shown only once, because only its hash is stored."""
    created(stack, name, system, allow, expires)


def created(
    stack: Stack, name: str, system: list[str], allow: list[str], expires: float | None = None
) -> NewKey:
    """A new key, printed, and good everywhere. `expires` is in seconds. Raises CommandError."""
    secret_ids = {each: stack.secret(each) for each in stack.chosen(system)}
    if not (0 < len(name.strip()) <= MAX_NAME and name.isprintable()):
        raise CommandError(f"A key's name has 1 to {MAX_NAME} printable characters, e.g. ios-shop")
    allows = accounts.checked_for_key(list(secret_ids), allow)
    for each in secret_ids:
        accounts.require_client_keys(stack, each, allows)
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
    for each in done:
        _tell_account(stack, each, allows)
    return new


@app.command("list")
@on_stack
def list_(stack: Stack, json: AsJson = False) -> None:
    """List all keys with their systems, what they may access, and their expiry."""
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
    grace: Annotated[str, typer.Option(metavar="7d", help="How long both keys are valid.")] = "7d",
) -> None:
    """Replace a key: create one with the same rights, and let the old one expire after a grace period."""
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
    note(f"Key {id} expires in {spoken(left)}, or earlier if it was to. To end it at once: keys revoke {id}")


@app.command()
@on_stack
def revoke(
    stack: Stack,
    id: Id,
    system: Annotated[
        list[str] | None, typer.Option("--system", help="Only for this system; may be repeated.")
    ] = None,
) -> None:
    """Revoke a key: it is refused everywhere within a minute."""
    for each in stack.chosen(system) if system else _systems_of(stack, id):
        if entries.found(secret.read(stack.client("secretsmanager"), stack.secret(each)), id) is None:
            raise CommandError(f"{each} has no key {id}: `bin/trackgate keys list` shows each key's systems")
        secret.edit(
            stack.client("secretsmanager"),
            stack.secret(each),
            lambda document: entries.without_key(document, id),
        )
        out.print(f"Key {id} is revoked for {each}.", markup=False)
    note(f"It is refused everywhere within {KEYS_KEEP_SECONDS:.0f} seconds: functions cache keys that long.")
    note(f"(A function that cannot read the secret uses its cache for up to {spoken(STALE_KEYS_SECONDS)}.)")


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
        raise CommandError(f"No system has a key {id}: `bin/trackgate keys list` shows all ids")
    return systems


def _tell_account(stack: Stack, system: str, allows: list[str]) -> None:
    """Where the events of a key go, if that is what the key tells."""
    account = known(system).account
    if account is None or not account.named_by_key:
        return
    named = account.named_in(allows)
    note(f"{system}: its events go to {named[0] if named else f"the stack's own {account.name}"}.")
    document = secret.read(stack.client("secretsmanager"), stack.secret(system))
    for name in named:
        if not secret.credentials(document).get(name):
            do = f"bin/trackgate secrets set --system {system} --account {name}"
            note(f"That {account.name} has no credential yet, so its events wait: {do}", "yellow")


def _print(new: NewKey, systems: list[str]) -> None:
    if systems:
        note(f"Key {new.id} for {', '.join(systems)}. It is shown only this once:")
        out.print(new.text, markup=False, soft_wrap=True)
        _wait_until_good(AFTER_UNKNOWN_KEY_SECONDS)


def _wait_until_good(seconds: float) -> None:
    """A function that has just looked up another unknown key looks again within this time: once the command
    has ended, no function refuses the new key."""
    with notes.status(f"Works everywhere in {seconds:.0f} seconds"):
        try:
            time.sleep(seconds)
        except KeyboardInterrupt:
            note(f"The key exists, and works everywhere within {seconds:.0f} seconds.", "yellow")
            raise
    note("It works everywhere now.")


def _long_enough(option: str, seconds: float | None) -> None:
    if seconds is not None and seconds < SHORTEST:
        raise typer.BadParameter(
            f"at least {SHORTEST:.0f}s, as a new key takes {AFTER_UNKNOWN_KEY_SECONDS:.0f} seconds to work "
            "everywhere (to end a key at once: keys revoke)",
            param_hint=option,
        )
