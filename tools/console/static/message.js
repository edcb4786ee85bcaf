// A request or an answer: first line, headers, body; all of it as text.

import { copy } from './actions.js'
import { count, size } from './format.js'
import { Icon } from './icons.js'
import { parts, pretty } from './json.js'
import { Pure, html } from './lib.js'

const FEW_HEADERS = 5
/** Characters of headers, and of a path, that fit without a scroll bar. */
const SCROLLING = 1500
const LONG_PATH = 250
const OWN = /^(gateway-|idempotency-)/i

export class Message extends Pure {
  state = { raw: false }

  render ({ name, line, message, fault }, { raw }) {
    const { headers, body } = message
    return html`
      <article class="card message" aria-label=${name}>
        <p class="first-line" ...${message.target?.length > LONG_PATH && { tabindex: 0, role: 'group', 'aria-label': 'Request line' }}><code>${line}</code>${fault && html` <span class="pill wait small">fault: ${fault}</span>`}</p>
        <${Headers} headers=${headers} />
        ${!message.kept
          ? html`<p class="quiet empty">Headers and body (${size(message.size)}) are no longer kept: newer events needed the room.</p>`
          : message.size > 0
          ? html`<${Body} name=${name} message=${message} raw=${raw} onRaw=${() => this.setState({ raw: !raw })} body=${body} />`
          : html`<p class="quiet empty">No body</p>`}
      </article>
    `
  }
}

/** The gateway's own stay in sight. */
function Headers ({ headers }) {
  if (!headers.length) return null
  const own = headers.filter(([name]) => OWN.test(name))
  const others = headers.filter(([name]) => !OWN.test(name))
  const long = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0) > SCROLLING
  return html`<div class="headers" ...${long && { tabindex: 0, role: 'group', 'aria-label': 'Headers' }}>
    ${own.length > 0 && html`<${Fields} fields=${own} />`}
    ${others.length > 0 && html`<details open=${headers.length <= FEW_HEADERS}>
      <summary>${own.length ? `${others.length} more` : count(others.length, 'header')}</summary>
      <${Fields} fields=${others} />
    </details>`}
  </div>`
}

export function Fields ({ fields }) {
  return html`<dl>${fields.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

function Body ({ name, message, body, raw, onRaw }) {
  if (message.binary) return html`<p class="quiet empty">${size(message.size)}, not text</p>`
  const found = parts(body)
  const fields = found || !isForm(message) ? null : [...new URLSearchParams(body)]
  return html`
    <div class="body">
      <div class="line quiet">
        <span>${found ? 'JSON' : fields ? 'Form' : 'Body'}, ${size(message.size)}${message.cut ? `, the first ${size(new Blob([body]).size)} shown` : ''}</span>
        ${(found || fields) && html`<button type="button" class="linklike" aria-pressed=${raw} onClick=${onRaw}>raw<span class="unseen"> body of the ${name}</span></button>`}
        <button type="button" class="linklike" onClick=${() => copy(raw ? body : pretty(body), 'Body')}><${Icon} name="copy" /><span class="unseen">Copy the body of the ${name}</span></button>
      </div>
      <pre tabindex="0" role="group" aria-label="Body of the ${name}"><code>${shown(body, raw, found, fields)}</code></pre>
    </div>
  `
}

function shown (body, raw, found, fields) {
  if (raw) return body
  if (found) return found.map(({ kind, text }) => (kind === 'mark' ? text : html`<span class="json-${kind}">${text}</span>`))
  if (fields) return fields.map(([name, value]) => html`<span class="json-key">${name}</span> = ${value}${'\n'}`)
  return body
}

function isForm ({ headers }) {
  return headers.some(([name, value]) => name.toLowerCase() === 'content-type' && value.startsWith('application/x-www-form-urlencoded'))
}
