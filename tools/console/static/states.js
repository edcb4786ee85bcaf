// What stands where there are no events: the first screen, a refused page, a stopped run.

import { copy, send } from './actions.js'
import { compose, ofEndpoint } from './composing.js'
import { Icon } from './icons.js'
import { Component, html } from './lib.js'

/** Says what to send, and sends it. */
export class First extends Component {
  state = { system: 0, endpoint: 0, busy: false }

  render ({ run }, { system, endpoint, busy }) {
    const systems = run.systems.filter(each => each.endpoints.length)
    const chosen = systems[system]
    if (!chosen) return html`<section class="first"><h2>No system is on</h2></section>`
    const request = ofEndpoint(chosen.endpoints[endpoint])
    const { curl } = chosen.endpoints[endpoint]
    return html`
      <section class="first" aria-labelledby="first-title">
        <h2 id="first-title">Send a first event</h2>
        <p class="lead">Every call of <code>${run.api}</code> appears here as it happens: what the app sent, what the
          upstream received, and what became of it.</p>
        <div class="systems" role="group" aria-label="System">
          ${systems.map((each, index) => html`
            <button type="button" aria-pressed=${index === system} onClick=${() => this.setState({ system: index, endpoint: 0 })}>
              <strong>${each.title}</strong>
              <span>${each.endpoints[0].title}</span>
              <code>${each.endpoints[0].method} ${each.endpoints[0].path}</code>
            </button>`)}
        </div>
        <div class="card sample">
          <div class="row">
            <label class="field inline">Event
              <select value=${endpoint} onChange=${event => this.setState({ endpoint: Number(event.target.value) })}>
                ${chosen.endpoints.map((each, index) => html`<option value=${index} selected=${index === endpoint}>${each.title}</option>`)}
              </select>
            </label>
            <span class="quiet">to ${chosen.sandboxed ? 'the sandbox, which plays the vendor' : chosen.upstream ? html`<strong>the real vendor</strong>, at ${chosen.upstream}` : 'its store'}</span>
          </div>
          <pre tabindex="0" role="group" aria-label="The app’s own call"><code>${curl}</code></pre>
          <div class="row">
            <button type="button" class="button primary large" disabled=${busy} onClick=${() => this.send(request)}><${Icon} name="send" />Send this event</button>
            <button type="button" class="button large" onClick=${() => copy(curl, 'curl command')}><${Icon} name="terminal" />Copy curl</button>
            <button type="button" class="button large" onClick=${() => compose(request)}>Edit first</button>
          </div>
          ${curl.includes(run.placeholder) && html`<p class="quiet">In a terminal, <code>${run.placeholder}</code> is your client key; the console fills in the local one.</p>`}
        </div>
      </section>
    `
  }

  async send (request) {
    this.setState({ busy: true })
    await send(request)
    this.setState({ busy: false })
  }
}

/** The cookie is missing, or another run's. */
export function Denied () {
  return html`
    <main class="first denied">
      <h1>Open the console with its address</h1>
      <p class="lead">Each run has its own. <code>make local</code> prints it in its terminal, above <code>ready:</code></p>
      <pre><code>console: http://127.0.0.1:…/?token=…</code></pre>
      <p class="quiet">If the run was started again, this page belongs to the one before.</p>
    </main>
  `
}

export function Lost () {
  return html`
    <section class="bar bad" role="alert">
      <${Icon} name="cross" />
      <p><strong>The local run does not answer.</strong> It was stopped, or is busy. This page connects again by itself; if
        you start a new run, open the address that it prints.</p>
    </section>
  `
}
