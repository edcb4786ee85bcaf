// The list's data: how pages and single changes join into one list, newest first.

/** The loaded events, with one more or one changed. `keep` says whether the filter shows it. */
export function put (items, event, keep) {
  const at = place(items, event.number)
  const known = items[at]?.number === event.number
  if (!known && !keep) return { items, grown: 0 }
  if (known && !keep) return { items: items.toSpliced(at, 1), grown: -1 }
  return { items: items.toSpliced(at, known ? 1 : 0, event), grown: known ? 0 : 1 }
}

/** The loaded events, with the page of older ones behind them. */
export function append (items, page) {
  const last = items.at(-1)?.number ?? Infinity
  return [...items, ...page.filter(event => event.number < last)]
}

/** The index of the event, or of where it would stand. */
export function place (items, number) {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (items[middle].number > number) low = middle + 1
    else high = middle
  }
  return low
}

/** Whether a filter shows an event, or null where only the server knows: it searches the bodies, too. */
export function shows (filter, event) {
  if (filter.system && filter.system !== event.system) return false
  if (filter.outcome && filter.outcome !== event.outcome) return false
  if (filter.id && !(event.id ?? '').toLowerCase().startsWith(filter.id.trim().toLowerCase())) return false
  return filter.text ? null : true
}
