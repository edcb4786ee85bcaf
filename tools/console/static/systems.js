// The systems as people call them.

/** `acme` → `Acme`; as it is, if the run does not know it. */
export function titleOf (run, name) {
  return run.systems.find(system => system.name === name)?.title ?? name
}
