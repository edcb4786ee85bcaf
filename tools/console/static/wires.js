// What went over the two wires: app ⇄ gateway, gateway ⇄ upstream.

import { duration } from './format.js'
import { Fields, Message } from './message.js'
import { html } from './lib.js'
import { statusTone } from './outcomes.js'

export function AppWire ({ app, milliseconds }) {
  return html`
    <section class="wire" aria-labelledby="app-wire">
      <div class="head"><h3 id="app-wire">App ⇄ gateway</h3></div>
      <div class="messages">
        <${Message} name="App request" line=${requestLine(app.request)} message=${app.request} />
        ${app.response
          ? html`<${Message} name="Gateway answer" line=${statusLine(app.response, milliseconds)} message=${app.response} />`
          : html`<p class="quiet card">No answer yet.</p>`}
      </div>
    </section>
  `
}

export function UpstreamWire ({ event, run, chosen, onChoose }) {
  const { upstream } = event
  const exchange = upstream[chosen]
  return html`
    <section class="wire" aria-labelledby="upstream-wire">
      <div class="head">
        <h3 id="upstream-wire">Gateway ⇄ upstream</h3>
        ${upstream.length > 1 && html`<div class="tries" role="group" aria-label="Tries">
          ${upstream.map((each, index) => html`<button type="button" aria-pressed=${index === chosen} onClick=${() => onChoose(index)}>
            <span class="unseen">Try </span>${index + 1} <strong class=${statusTone(each.response?.status)}>${each.response?.status ?? each.fault ?? '–'}</strong></button>`)}
        </div>`}
      </div>
      <div class="messages">
        ${exchange && html`<${Message} name="Upstream request" line=${requestLine(exchange.request)} message=${exchange.request} />`}
        ${exchange?.response && html`<${Message} name="Upstream answer" line=${statusLine(exchange.response)} message=${exchange.response} fault=${exchange.fault} />`}
        ${exchange && !exchange.response && html`<p class="quiet card">No answer${exchange.fault ? `: the sandbox’s fault “${exchange.fault}”.` : '.'}</p>`}
        ${event.row && html`<${Row} row=${event.row} />`}
        ${!exchange && !event.row && html`<p class="quiet card">${unseen(event, run)}</p>`}
      </div>
    </section>
  `
}

/** Of a system that keeps its events itself. */
function Row ({ row }) {
  const fields = Object.entries(row).filter(([, value]) => value !== null).map(([name, value]) => [name, String(value)])
  return html`
    <article class="card message" aria-label="Row in the store">
      <p class="first-line">Row in its own store</p>
      <div class="headers"><${Fields} fields=${fields} /></div>
    </article>
  `
}

function unseen ({ wire, system, tries, life }, run) {
  const upstream = run.systems.find(each => each.name === system)?.upstream
  if (wire === 'store' && life?.items) return 'This system keeps the items in its own store, a row each.'
  if (wire === 'store') return 'This system keeps its events in its own store, and has no row of this one.'
  if (wire === 'not recorded') {
    return `The console does not see what the gateway exchanges with ${upstream || 'a real vendor'}: it records the sandbox’s calls only. The steps below have each try’s status and duration.`
  }
  if (life?.items && !tries) return 'No item has been sent yet.'
  return tries ? 'The sandbox has no record of this call.' : 'Nothing was sent.'
}

function requestLine ({ method, target }) {
  return html`<strong>${method}</strong> ${target}`
}

function statusLine ({ status, reason }, milliseconds) {
  return html`<strong class=${statusTone(status)}>${status}</strong> ${reason ?? ''}${milliseconds !== undefined && html`<span class="quiet"> in ${duration(milliseconds)}</span>`}`
}
