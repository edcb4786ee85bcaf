// The sandbox's faults: a switch per system and kind.

import { clearFaults, setFaults } from './actions.js'
import { Component, html } from './lib.js'
import { titleOf } from './systems.js'

/** The kinds that are worth a switch; the rest are in the sandbox's own API. */
const KINDS = [
  { name: '503', means: 'service unavailable', rule: { fault: 'status', status: 503 } },
  { name: '429', means: 'too many requests', rule: { fault: 'status', status: 429 } },
  { name: '401', means: 'credential refused', rule: { fault: 'status', status: 401 } },
  { name: 'Slow', means: 'answers after 2 s', rule: { fault: 'delay', seconds: 2 } },
  { name: 'Hang', means: 'never answers', rule: { fault: 'hang' } },
  { name: 'Reset', means: 'closes the connection', rule: { fault: 'reset' } },
  { name: 'Lost answer', means: 'accepts, then disconnects', rule: { fault: 'accept-then-reset' } },
  { name: 'Malformed', means: 'answers broken JSON', rule: { fault: 'malformed-json' } },
  { name: 'HTML', means: 'answers a web page', rule: { fault: 'html' } }
]

const TIMES = [
  { name: 'every request', rule: {} },
  { name: 'the next request', rule: { next: 1 } },
  { name: 'the next 2 requests', rule: { next: 2 } },
  { name: 'the next 5 requests', rule: { next: 5 } },
  { name: 'half of all requests', rule: { share: 0.5 } }
]

/** The rules that can still apply. */
export function active (faults) {
  return faults.filter(rule => rule.next === undefined || rule.next === null || (rule.fired ?? 0) < rule.next)
}

/** `Acme: 503, 1 of 2 requests left`. */
export function describe (rule, run) {
  const system = titleOf(run, rule.system) ?? 'Every system'
  const kind = KINDS.find(each => matches(rule, each))?.name ?? (rule.status ? `${rule.fault} ${rule.status}` : rule.fault)
  return `${system}: ${kind}${extent(rule)}`
}

function extent ({ next, share, fired = 0 }) {
  if (next) return `, ${next - fired} of ${next === 1 ? '1 request' : `${next} requests`} left`
  return share ? `, ${Math.round(share * 100)}% of requests` : ''
}

function matches (rule, { rule: wanted }) {
  return rule.fault === wanted.fault && (wanted.status ?? null) === (rule.status ?? null)
}

export class Faults extends Component {
  state = { times: 0 }

  render ({ run, faults }, { times }) {
    const on = active(faults)
    const systems = run.systems.filter(system => system.sandboxed)
    const kinds = KINDS.filter(kind => run.faults.includes(kind.rule.fault))
    return html`
      <section class="panel" aria-labelledby="faults-title">
        <div class="head">
          <div><h2 id="faults-title">Faults</h2><p class="quiet">Let the sandbox fail as vendors do, then watch events survive it.</p></div>
          <label class="field inline">A new fault applies to
            <select value=${times} onChange=${event => this.setState({ times: Number(event.target.value) })}>
              ${TIMES.map((each, index) => html`<option value=${index} selected=${index === times}>${each.name}</option>`)}
            </select>
          </label>
          <button type="button" class="button" disabled=${!on.length} onClick=${() => clearFaults()}>Clear all</button>
        </div>
        ${!systems.length && html`<p>No system uses the sandbox, so there is nothing to switch.</p>`}
        <div class="cards">
          ${systems.map(system => html`<${System} key=${system.name} system=${system} run=${run} kinds=${kinds} on=${on.filter(rule => rule.system === system.name)} times=${TIMES[times].rule} />`)}
        </div>
        ${on.some(rule => !rule.system) && html`<p class="quiet">${on.filter(rule => !rule.system).map(rule => describe(rule, run)).join(' · ')}</p>`}
      </section>
    `
  }
}

function System ({ system, run, kinds, on, times }) {
  const others = on.filter(rule => !kinds.some(kind => matches(rule, kind)))
  return html`
    <section class="card" aria-labelledby="faults-${system.name}">
      <div class="line"><h3 id="faults-${system.name}">${system.title}</h3>
        ${on.length > 0 && html`<button type="button" class="linklike" onClick=${() => clearFaults(system.name)}>clear<span class="unseen"> ${system.title}</span></button>`}</div>
      <ul class="switches">
        ${kinds.map(kind => html`<${Switch} kind=${kind} system=${system} on=${on} times=${times} />`)}
      </ul>
      ${others.length > 0 && html`<p class="quiet">Also: ${others.map(rule => describe(rule, run)).join(' · ')}</p>`}
    </section>
  `
}

function Switch ({ kind, system, on, times }) {
  const rule = on.find(each => matches(each, kind))
  const flip = () => setFaults(system.name, rules => [
    ...active(rules).filter(each => !matches(each, kind)).map(kept),
    ...(rule ? [] : [{ system: system.name, ...kind.rule, ...times }])
  ])
  return html`
    <li><button type="button" role="switch" aria-checked=${Boolean(rule)} aria-label="${system.title}: ${kind.name}, ${kind.means}" onClick=${flip}>
      <span class="knob" aria-hidden="true"></span><span class="what"><strong>${kind.name}</strong> <span class="quiet">${kind.means}${rule ? extent(rule) : ''}</span></span>
    </button></li>
  `
}

/** A rule as it can be given again, with what is left of it: the sandbox tells defaults that it does not take. */
function kept ({ fault, system, path, status, headers, body, seconds, size, next, share, seed, taken, fired = 0 }) {
  const given = { fault, system, path, status, body, seconds, share, taken, next: next && next - fired }
  if (Object.keys(headers ?? {}).length) given.headers = headers
  if (fault === 'huge') given.size = size
  if (seed) given.seed = seed
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null))
}
