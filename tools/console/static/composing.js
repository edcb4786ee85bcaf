// What the composer starts with: a system's sample, or a request that was seen, to be sent again.

import { change, state } from './state.js'

const MASK = '••••'
/** Headers of the connection, not of the event: the next one has its own. */
const CONNECTION = /^(host|content-length|connection|accept-encoding|transfer-encoding|x-forwarded-.*|via)$/i

/** A sample of the first system, or of the one that is filtered by. */
export function sample (name = state.filter.system) {
  const systems = state.run?.systems.filter(system => system.endpoints.length) ?? []
  const system = systems.find(each => each.name === name) ?? systems[0]
  return system ? ofEndpoint(system.endpoints[0]) : { method: 'POST', path: '/', headers: [], body: '' }
}

export function ofEndpoint ({ method, path, sample }) {
  return { method, path, headers: sample.headers, body: sample.body }
}

/** Opens the composer with a request, or with the one of an event's detail. */
export function compose (request) {
  change({ composer: request.app ? again(request.app.request) : { ...request, title: 'Send an event', note: '' } })
}

function again ({ method, target, headers, body, cut, kept, binary }) {
  const placeholder = state.run.placeholder
  const own = headers.filter(([name]) => !CONNECTION.test(name))
  return {
    method,
    path: target.replaceAll(encodeURIComponent(MASK), placeholder).replaceAll(MASK, placeholder),
    headers: own.map(([name, value]) => [name, value.replaceAll(MASK, placeholder)]),
    body: body.replaceAll(MASK, placeholder),
    title: 'Send again',
    note: reason(cut, kept, binary)
  }
}

function reason (cut, kept, binary) {
  if (!kept) return 'The recorded headers and body are no longer kept: newer events needed the room.'
  if (cut) return 'The recorded body was cut, so what you send is not the whole of it.'
  return binary ? 'The recorded body is not text. Sending it from here would change it.' : ''
}

/** `Name: value` per line → pairs; null if a line is none. */
export function headersOf (text) {
  const lines = text.split('\n').filter(line => line.trim())
  const pairs = lines.map(line => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()])
  return lines.every(line => line.indexOf(':') > 0) ? pairs : null
}

export function textOf (headers) {
  return headers.map(([name, value]) => `${name}: ${value}`).join('\n')
}
