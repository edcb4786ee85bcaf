"""The columns of Glue's tables and Athena's views, from the tables of track's events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from track.stores.record import TABLES, Kind

_HIVE: Mapping[Kind, str] = {
    "text": "string",
    "integer": "int",
    "boolean": "boolean",
    "amount": "decimal(19,4)",
}
_TRINO = {"string": "varchar", "int": "integer", "timestamp": "timestamp(3)"}


def tables() -> Iterator[Mapping[str, str]]:
    """The placeholders of functions/track/table.yaml, for each table."""
    for name, own in TABLES.items():
        columns = {"gatewayeventid": "string", "created": "timestamp"}
        columns |= {column.name.lower(): _HIVE[column.kind] for column in own}
        yield {
            "Table": name,
            "table": name.lower(),
            "columns": "\n".join(f'- {{Name: {each}, Type: "{kind}"}}' for each, kind in columns.items()),
            "selected": ", ".join([*(_selected(each, kind) for each, kind in columns.items()), "dt"]),
            "view": "\n".join(
                f'{{"name":"{each}","type":"{_TRINO.get(kind, kind)}"}},' for each, kind in columns.items()
            ),
        }


def _selected(column: str, kind: str) -> str:
    # A view's timestamps have the precision that its type says.
    return f"CAST({column} AS {_TRINO[kind]}) AS {column}" if kind == "timestamp" else column
