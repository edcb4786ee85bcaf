"""Writes a new system or a new endpoint: working files to change, in every place where the project looks.

`templates/` holds them as they will stand in the checkout. Placeholders, in paths and in texts: `${system}`
(`acme`), `${System}` (`Acme`), `${endpoint}` (`new_session`), `${Endpoint}` (`NewSession`), `${action}`
(`new-session`) and `${route}` (the path that apps call).
"""
