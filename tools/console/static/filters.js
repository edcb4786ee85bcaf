// The bar above the list: search, system, outcome, event id; pause.

import { clearFilter, pause, setFilter } from './actions.js'
import { isFiltered } from './address.js'
import { count } from './format.js'
import { Icon } from './icons.js'
import { Pure, html } from './lib.js'
import { OUTCOMES } from './outcomes.js'

export class Filters extends Pure {
  render ({ run, filter, paused, held, total }) {
    return html`
      <form class="filters" role="search" aria-label="Events" onSubmit=${event => event.preventDefault()}>
        <label class="search"><span class="unseen">Search paths, headers and bodies</span><${Icon} name="search" />
          <input id="text" type="search" placeholder="Search paths and bodies" autocomplete="off" spellcheck=${false}
            value=${filter.text} onInput=${event => setFilter({ text: event.target.value })} />
          <kbd aria-hidden="true">/</kbd>
        </label>
        <label><span class="unseen">System</span>
          <select value=${filter.system} onChange=${event => setFilter({ system: event.target.value })}>
            <option value="">All systems</option>
            ${run.systems.map(system => html`<option value=${system.name} selected=${system.name === filter.system}>${system.title}</option>`)}
          </select>
        </label>
        <label><span class="unseen">Outcome</span>
          <select value=${filter.outcome} onChange=${event => setFilter({ outcome: event.target.value })}>
            <option value="">All outcomes</option>
            ${Object.keys(OUTCOMES).map(outcome => html`<option value=${outcome} selected=${outcome === filter.outcome}>${outcome}</option>`)}
          </select>
        </label>
        <label class="id"><span class="unseen">Event id</span>
          <input type="search" placeholder="Event id" autocomplete="off" spellcheck=${false} size="14" maxlength="64"
            value=${filter.id} onInput=${event => setFilter({ id: event.target.value.trim() })} />
        </label>
        ${isFiltered(filter) && html`<button type="button" class="button" onClick=${clearFilter}>Clear filters</button>`}
        <span class="gap"></span>
        ${total !== null && html`<span class="quiet total">${count(total, 'event')}</span>`}
        <button type="button" class="button ${paused ? 'wait' : ''}" aria-pressed=${paused} onClick=${() => pause(!paused)}>
          <${Icon} name=${paused ? 'play' : 'pause'} />${paused ? `Resume${held ? ` (${held})` : ''}` : 'Pause'}
        </button>
      </form>
    `
  }
}
