"""The kinds of event store, one file each; `track.store.open_store` picks one by its URL.

store → {sqlite, mysql, firehose} → sql → {tables, migrations, bisect} → {base, record}
"""
