// Times, durations and sizes, as people read them.

const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }

/** `2026-11-22T03:30:00.123Z` → `03:30:00`, in local time. */
export function clock (iso) {
  return new Date(iso).toLocaleTimeString('en-GB', CLOCK)
}

/** With milliseconds. */
export function fineClock (iso) {
  return new Date(iso).toLocaleTimeString('en-GB', { ...CLOCK, fractionalSecondDigits: 3 })
}

/** `12 ms`, `1.25 s`, `4 min 5 s`, `3 h 7 min`, `2 d 4 h`. */
export function duration (milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return '–'
  if (milliseconds && milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`
  const seconds = milliseconds / 1000
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return pair(whole, 60, 'min', 's')
  const minutes = Math.round(whole / 60)
  if (minutes < 1440) return pair(minutes, 60, 'h', 'min')
  return pair(Math.round(minutes / 60), 24, 'd', 'h')
}

function pair (amount, of, large, small) {
  const rest = amount % of
  return `${Math.floor(amount / of)} ${large}${rest ? ` ${rest} ${small}` : ''}`
}

/** `123 bytes`, `12.5 KB`. */
export function size (bytes) {
  if (bytes < 1024) return count(bytes, 'byte')
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}

/** `1 event`, `1,200 events`. */
export function count (amount, word) {
  return `${amount.toLocaleString('en')} ${word}${amount === 1 ? '' : 's'}`
}

/** What was called: `new-session`, `new-session, batch`, or the path of a call of no endpoint. */
export function called ({ endpoint, path }) {
  return endpoint ? `${spelled(endpoint)}${path.startsWith('/batch/') ? ', batch' : ''}` : path
}

/** `new_session` → `new-session`, as the paths spell it. */
export function spelled (endpoint) {
  return (endpoint ?? '').replaceAll('_', '-')
}
