// Calls of the console's own server.

/** An answer that is no success: `status` 0 means that nothing answered. */
export class ApiError extends Error {
  constructor (status, message) {
    super(message)
    this.status = status
  }
}

export function read (path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== '' && value !== null)
  const text = new URLSearchParams(given).toString()
  return ask(text ? `${path}?${text}` : path, {})
}

export function post (path, value = {}) {
  const headers = { 'Content-Type': 'application/json' }
  return ask(path, { method: 'POST', headers, body: JSON.stringify(value) })
}

async function ask (path, options) {
  let answer
  try {
    answer = await fetch(path, { credentials: 'same-origin', ...options })
  } catch {
    throw new ApiError(0, 'The local run does not answer.')
  }
  const value = await answer.json().catch(() => null)
  if (!answer.ok) throw new ApiError(answer.status, value?.error ?? `The console answered ${answer.status}.`)
  return value
}
