"""template.yaml, written from parts: what belongs to no system, what every system gets, what a system adds.

A part has the form of a template: sections such as `Parameters:` and `Resources:`, each copied as it stands
and put under the section of its name. Comments that begin a line stay in the part; indented ones are
copied.

- `stack/opening.yaml` and `stack/common/*.yaml` are written once. A line with `${System}`, `${system}` or
  `${name}` is written once per system; a comma at its end goes between them.
- `functions/<system>/stack.yaml` is a system's own; a folder that has one is a system. `stack/heading.yaml`
  and `stack/system/*.yaml` are written for every system, `stack/optional/<key>.yaml` for each that gives
  this key.
- `stack/function/endpoint.yaml` is written once per endpoint, `worker.yaml` once per system.
- `charts` of a system's parts are gathered where a common part says `${charts}`, and `charted` of its
  functions where its own part says `${charted}`.

Placeholders are `${System}` (`Acme`), `${system}` (`acme`), `${Endpoint}` (`NewSession`), `${endpoint}`
(`new_session`), `${parameters}` (the names of the part's own) and the keys below, whose text
is taken as it stands. One that has a line to itself takes several lines, or none.

`functions/<system>/stack.yaml` has sections of CloudFormation, and these keys:

- `id`: how its logical ids begin, `Acme`. `name`: how people write it.
- `secret`: what its secret holds. `url`: the default of its base URL. `strict`: what stricter rules would
  do. `client_keys`, `delivery`: the defaults of these settings. Each is optional, and gives the system the
  setting.
- `environment`: what its functions read besides, by the names of its Settings.
- `endpoints`: by the name of its file, each endpoint's `rights` (`secret`, `queue`, `records`) and
  `routes`. One with the right `queue` also gets its batch door, `/batch/<system>/<endpoint>`, unless it
  says `door: false`: its body is a list.
- `worker`: the `rights` of its worker besides those that every worker has, such as `[secret]`.
- `function`: further properties of each of its functions, the worker included.
- `rights`: further rights by name, each as statements of a policy.
- `source`, `visibility`: the worker's batches, and the visibility timeout of the queue that goes with them.
- `repeat`: parts of its own that are written several times, each with the function that yields their
  placeholders.

`stack/defaults.yaml` says what holds for a key that is absent.
"""
