"""What the tools know of each system: one folder per system, found by looking.

`tools/systems/<system>/` holds

- `profile.py`, whose PROFILE gathers what follows and the values that the tools ask for
- `page.py`: what the OpenAPI document says of the system and no code does
- `vendor.py`: the vendor, as the sandbox plays it

and, where a tool cannot treat the system as any other, a module of that tool's name. A system that has no
vendor and keeps its events itself has all of them:

- `local_store.py`: its store in a local run (`tools.systems.local_store.LocalStore`)
- `credential.py`: the credential of its store
  (`tools.operator.vendor_credentials.own_credential.OwnCredential`)
- `erasure.py`: erasing a person's events (`tools.operator.erasure.subject.Events`)
- `synthetic_event.py`: the doctor's own event (`tools.operator.doctor.deep.plan.SyntheticEvent`)
- `stage.py`: what it asks of a stage (`tools.deploy.stage.OwnRules`)
"""
