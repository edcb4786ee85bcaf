// The whole page: its landmarks, and which of its parts are shown.

import { clearFaults } from './actions.js'
import { Charts } from './charts.js'
import { Composer } from './composer.js'
import { Denied, First, Lost } from './states.js'
import { Detail } from './detail.js'
import { ClientKeys } from './clientkeys.js'
import { Faults, active, describe } from './faults.js'
import { Filters } from './filters.js'
import { Header } from './header.js'
import { Help, Question } from './dialogs.js'
import { Icon } from './icons.js'
import { html } from './lib.js'
import { List } from './list.js'
import { Queues } from './queues.js'

export function Page (all) {
  if (all.access === 'denied') return html`<${Denied} />`
  if (!all.run) return all.link === 'lost' ? html`<${Lost} />` : html`<p class="entering">Opening the console…</p>`
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to content</a>
    <${Header} ...${pick(all, ['run', 'view', 'link', 'theme', 'queues', 'faults'])} />
    <main id="main" tabindex="-1" class="main view-${all.view}">
      ${all.link === 'lost' && html`<${Lost} />`}
      <${FaultsBar} run=${all.run} faults=${all.faults} />
      ${all.view === 'events' && html`<${Events} ...${all} />`}
      ${all.view === 'faults' && html`<${Faults} run=${all.run} faults=${all.faults} />`}
      ${all.view === 'queues' && html`<${Queues} run=${all.run} queues=${all.queues} />`}
      ${all.view === 'keys' && html`<${ClientKeys} queues=${all.queues} />`}
    </main>
    <${Composer} run=${all.run} request=${all.composer} />
    <${Question} question=${all.question} />
    <${Help} open=${all.help} shortcuts=${all.shortcuts} />
    <div class="notices" role="status">${all.notice && !all.notice.bad && html`<p class="notice">${all.notice.text}</p>`}</div>
    <div class="notices" role="alert">${all.notice?.bad && html`<p class="notice bad">${all.notice.text}</p>`}</div>
    <p class="unseen" aria-live="polite">${all.spoken}</p>
  `
}

function Events (all) {
  if (all.first && all.open === null) return html`<${First} run=${all.run} />`
  return html`
    <${Charts} rates=${all.rates} theme=${all.theme} />
    <${Filters} ...${pick(all, ['run', 'filter', 'paused', 'held', 'total'])} />
    <div class=${all.open === null ? 'split' : 'split has-detail'}>
      <${List} ...${pick(all, ['run', 'items', 'next', 'total', 'loading', 'cursor', 'open', 'filter', 'paused'])} />
      ${all.open !== null && html`<${Detail} ...${pick(all, ['run', 'open', 'detail', 'detailError'])} />`}
    </div>
  `
}

/** Always in sight while a fault is on. */
function FaultsBar ({ run, faults }) {
  const on = active(faults)
  if (!on.length) return null
  return html`
    <section class="bar wait" aria-label="Faults that are on">
      <${Icon} name="bolt" />
      <p><strong>${on.length === 1 ? 'A fault is on.' : `${on.length} faults are on.`}</strong> ${on.map(rule => describe(rule, run)).join(' · ')}</p>
      <button type="button" class="button small" onClick=${() => clearFaults()}>Clear all</button>
    </section>
  `
}

function skip (event) {
  event.preventDefault()
  document.getElementById('main').focus()
}

function pick (all, names) {
  return Object.fromEntries(names.map(name => [name, all[name]]))
}
