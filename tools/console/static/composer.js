// Writes a request and sends it through the front: a sample, or an event that was seen, with edits.

import { copyCommand, notify, send } from './actions.js'
import { headersOf, ofEndpoint, textOf } from './composing.js'
import { Dialog } from './dialogs.js'
import { Icon } from './icons.js'
import { pretty } from './json.js'
import { Component, html } from './lib.js'
import { change } from './state.js'

const METHODS = ['POST', 'PUT', 'GET', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']

export function Composer ({ run, request }) {
  return html`
    <${Dialog} open=${request !== null} title=${request?.title ?? 'Send'} onClose=${() => change({ composer: null })}>
      ${request && html`<${Form} run=${run} request=${request} />`}
    <//>
  `
}

class Form extends Component {
  state = { ...written(this.props.request), busy: false }

  render ({ run, request }, { method, path, headers, body, busy }) {
    const pairs = headersOf(headers)
    const problem = this.problem(pairs)
    const set = name => event => this.setState({ [name]: event.target.value })
    return html`
      <form class="composer" onSubmit=${event => this.send(event)} onKeyDown=${event => isSend(event) && this.send(event)}>
        <label class="field">Start from a sample
          <select onChange=${event => this.start(event.target.value)}>
            <option value="">–</option>
            ${run.systems.map(system => html`<optgroup label=${system.title}>
              ${system.endpoints.map((endpoint, index) => html`<option value="${system.name} ${index}" selected=${isSample(endpoint, request)}>${endpoint.title}</option>`)}
            </optgroup>`)}
          </select>
        </label>
        ${request.note && html`<p class="advice wait">${request.note}</p>`}
        <div class="row">
          <label class="field method">Method
            <select value=${method} onChange=${set('method')}>${METHODS.map(each => html`<option selected=${each === method}>${each}</option>`)}</select>
          </label>
          <label class="field grow">Path and query
            <input class="code" value=${path} onInput=${set('path')} autocomplete="off" spellcheck=${false} required pattern="/.*" />
          </label>
        </div>
        <label class="field">Headers, one per line
          <textarea class="code" rows=${Math.min(Math.max(headers.split('\n').length + 1, 3), 8)} value=${headers} onInput=${set('headers')} spellcheck=${false} aria-invalid=${pairs === null}></textarea>
        </label>
        <label class="field">Body
          <textarea class="code" rows="10" autofocus value=${body} onInput=${set('body')} spellcheck=${false}></textarea>
        </label>
        <p class="quiet hint" aria-live="polite">${problem || `${run.placeholder} stands for the local client key. Ctrl+Enter sends.`}</p>
        <div class="row end">
          <button type="button" class="button" onClick=${() => this.setState({ body: pretty(body) })}>Format JSON</button>
          <button type="button" class="button" disabled=${!pairs || !isPath(path)} onClick=${() => copyCommand(this.request(pairs))}><${Icon} name="terminal" />Copy curl</button>
          <button type="submit" class="button primary" disabled=${busy || !pairs}><${Icon} name="send" />Send</button>
        </div>
      </form>
    `
  }

  problem (pairs) {
    if (!pairs) return 'A header is written as Name: value.'
    const type = pairs.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
    const { path, body } = this.state
    if (!isPath(path)) return 'The path begins with /.'
    return body.trim() && type.includes('json') && !parses(body) ? 'The body is not JSON. It is sent as it is.' : ''
  }

  request (pairs) {
    const { method, path, body } = this.state
    return { method, path, headers: pairs, body }
  }

  start (chosen) {
    if (!chosen) return
    const [name, index] = chosen.split(' ')
    const system = this.props.run.systems.find(each => each.name === name)
    this.setState(written(ofEndpoint(system.endpoints[Number(index)])))
  }

  async send (event) {
    event.preventDefault()
    // The keyboard repeats a key that is held.
    if (this.state.busy) return
    const pairs = headersOf(this.state.headers)
    if (!pairs) return notify('A header is written as Name: value.', true)
    this.setState({ busy: true })
    await send(this.request(pairs))
    this.setState({ busy: false })
  }
}

function written ({ method, path, headers, body }) {
  return { method, path, headers: textOf(headers), body }
}

function isSample ({ method, path, sample }, request) {
  return method === request.method && path === request.path && sample.body === request.body
}

/** The server refuses what is none: it could name another host. */
function isPath (path) {
  return path.startsWith('/')
}

function isSend ({ key, ctrlKey, metaKey }) {
  return key === 'Enter' && (ctrlKey || metaKey)
}

function parses (text) {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
