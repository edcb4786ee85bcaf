// One event: what became of it, its time line, and both wires side by side.

import { copy, open } from './actions.js'
import { compose } from './composing.js'
import { called, duration, fineClock } from './format.js'
import { Icon } from './icons.js'
import { Pure, html } from './lib.js'
import { look, meaning, statusTone } from './outcomes.js'
import { Steps, Timeline } from './timeline.js'
import { AppWire, UpstreamWire } from './wires.js'

export class Detail extends Pure {
  render ({ run, open: number, detail, detailError }) {
    const known = detail?.number === number
    return html`
      <section id="detail" class="detail" tabindex="-1" aria-labelledby="detail-title" aria-busy=${!known && !detailError}>
        ${detailError && html`<${Failed} text=${detailError} />`}
        ${!known && !detailError && html`<h2 id="detail-title" class="entering">Reading event ${number}…</h2>`}
        ${known && html`<${Known} key=${number} run=${run} event=${detail} />`}
      </section>
    `
  }
}

function Failed ({ text }) {
  return html`
    <div class="nothing">
      <h2 id="detail-title">This event cannot be shown</h2>
      <p>${text}</p>
      <button type="button" class="button" onClick=${() => open(null)}>Close</button>
    </div>
  `
}

class Known extends Pure {
  state = { exchange: null }
  choose = index => this.setState({ exchange: index })

  render ({ run, event }, { exchange }) {
    const steps = event.life?.steps ?? []
    const tries = matched(steps, event.upstream)
    const chosen = Math.min(exchange ?? event.upstream.length - 1, event.upstream.length - 1)
    return html`
      <${Title} run=${run} event=${event} />
      <div class="scroll" tabindex="0" role="group" aria-label="Event details">
        ${steps.length > 0 && event.life.advice && html`<p class="advice ${look(event.outcome).tone}"><${Icon} name=${look(event.outcome).icon} />
          <span><strong>${meaning(event)}</strong> ${said(event)}${event.life.advice}</span></p>`}
        <${Timeline} steps=${steps} outcome=${event.outcome} logged=${event.id !== null || event.status === null} tries=${tries} chosen=${chosen} onChoose=${this.choose} />
        <div class="wires">
          <${AppWire} app=${event.app} milliseconds=${event.milliseconds} />
          <${UpstreamWire} event=${event} run=${run} chosen=${chosen} onChoose=${this.choose} />
        </div>
        <${Steps} steps=${steps} tries=${tries} onChoose=${this.choose} />
      </div>
    `
  }
}

function Title ({ run, event }) {
  const { tone, icon, means } = look(event.outcome)
  const system = run.systems.find(each => each.name === event.system)
  return html`
    <div class="title">
      <div class="line">
        <button type="button" class="button bare back" onClick=${() => open(null)}><${Icon} name="back" /><span class="unseen">Back to the list</span></button>
        <span class="pill ${tone}" title=${means}><${Icon} name=${icon} />${event.outcome}</span>
        <h2 id="detail-title">${system ? `${system.title} ` : ''}<span>${called(event)}</span></h2>
        <div class="line acts">
          <button type="button" class="button primary" onClick=${() => compose(event)}><${Icon} name="send" />Send again…</button>
          <button type="button" class="button" disabled=${!event.curl} title=${event.curl ? undefined : 'This call cannot be written as a command, or not all of it is kept'} onClick=${() => copy(event.curl, 'curl command')}><${Icon} name="terminal" />Copy curl</button>
          <button type="button" class="button bare" title="Copy a link to this event" onClick=${() => copy(location.href, 'Link')}><${Icon} name="link" /><span class="unseen">Copy a link to this event</span></button>
          <button type="button" class="button bare close" title="Close (Esc)" onClick=${() => open(null)}><${Icon} name="close" /><span class="unseen">Close</span></button>
        </div>
      </div>
      <div class="line facts">
        <span><strong class=${statusTone(event.status)}>${event.status ?? 'no answer'}</strong> in ${duration(event.milliseconds)}</span>
        <time datetime=${event.time} title=${event.time}>${fineClock(event.time)}</time>
        ${event.id && html`<button type="button" class="copyable" title="Copy the event id" onClick=${() => copy(event.id, 'Event id')}>
          <span class="unseen">Copy the event id </span><code>${event.id}</code><${Icon} name="copy" /></button>`}
        ${event.from === 'console' && html`<span>sent from this console</span>`}
      </div>
    </div>
  `
}

/** The gateway's own words of what is wrong, so that nobody must look for them. */
function said (event) {
  const error = event.app.response?.headers.find(([name]) => name.toLowerCase() === 'gateway-error')?.[1]
  return error && html`<code class="said">${error}</code>. `
}

/** The index of the exchange that each step of kind `try` was, or null: by digest, in order. */
function matched (steps, upstream) {
  const left = upstream.map((exchange, index) => [exchange.digest, index])
  return steps.map(step => {
    if (step.kind !== 'try') return null
    const at = left.findIndex(([digest]) => digest === step.request)
    return at < 0 ? null : left.splice(at, 1)[0][1]
  })
}
