// Queues and dead letters: what waits, and what an operator must decide.

import { deadLetters, setFilter, show } from './actions.js'
import { count, duration, spelled } from './format.js'
import { Component, html } from './lib.js'
import { change } from './state.js'
import { titleOf } from './systems.js'

export class Queues extends Component {
  state = { chosen: new Set(), busy: false }

  render ({ run, queues }, { chosen, busy }) {
    if (!queues) return html`<section class="panel"><h2>Queues</h2><p class="quiet">Reading the queues…</p></section>`
    const letters = queues.dead_letters
    const ids = letters.map(letter => letter.id).filter(id => chosen.has(id))
    return html`
      <section class="panel" aria-labelledby="queues-title">
        <div class="head"><div><h2 id="queues-title">Queues</h2><p class="quiet">Events that were accepted while their upstream was down.</p></div></div>
        <div class="table" tabindex="0" role="group" aria-labelledby="queues-title">
          <table>
            <thead><tr><th scope="col">System</th><th scope="col" class="number">Queued</th><th scope="col" class="number">In flight</th><th scope="col" class="number">Dead letters</th><th scope="col">Deliveries</th></tr></thead>
            <tbody>${queues.systems.map(system => html`
              <tr><th scope="row">${titleOf(run, system.name)}</th><td class="number">${system.queued}</td><td class="number">${system.in_flight}</td>
                <td class="number ${system.dead_letters ? 'bad' : ''}">${system.dead_letters}</td><td>${system.held ? 'held' : 'running'}</td></tr>`)}
            </tbody>
          </table>
        </div>
      </section>
      <section class="panel" aria-labelledby="letters-title">
        <div class="head">
          <div><h2 id="letters-title">Dead letters</h2><p class="quiet">Events that the gateway gave up on. Fix the cause, then send them again.</p></div>
          <button type="button" class="button" disabled=${busy || !ids.length} onClick=${() => this.act('redrive', ids)}>${busy ? 'Working…' : `Redrive${ids.length ? ` ${ids.length}` : ''}`}</button>
          <button type="button" class="button danger" disabled=${busy || !ids.length} onClick=${() => this.ask(ids)}>Drop${ids.length ? ` ${ids.length}` : ''}…</button>
        </div>
        ${letters.length ? this.table(run, letters, chosen, ids.length === letters.length) : html`<p class="quiet">There are none.</p>`}
      </section>
    `
  }

  table (run, letters, chosen, all) {
    return html`
      <div class="table" tabindex="0" role="group" aria-labelledby="letters-title">
        <table>
          <thead><tr><td><input type="checkbox" aria-label="All dead letters" checked=${all} onChange=${() => this.choose(all ? [] : letters.map(letter => letter.id))} /></td>
            <th scope="col">Event</th><th scope="col">System</th><th scope="col">Error</th><th scope="col" class="number">Age</th></tr></thead>
          <tbody>${letters.map(letter => html`
            <tr key=${letter.id}>
              <td><input type="checkbox" aria-label="Dead letter ${letter.id}" checked=${chosen.has(letter.id)} onChange=${() => this.toggle(letter.id)} /></td>
              <td><a href="#id=${encodeURIComponent(letter.id)}" onClick=${event => find(event, letter.id)}><code>${letter.id}</code></a></td>
              <td>${titleOf(run, letter.system)} ${spelled(letter.endpoint)}</td><td class="error">${letter.error}</td><td class="number">${duration(letter.age_seconds * 1000)}</td>
            </tr>`)}
          </tbody>
        </table>
      </div>
    `
  }

  toggle (id) {
    const chosen = new Set(this.state.chosen)
    if (!chosen.delete(id)) chosen.add(id)
    this.setState({ chosen })
  }

  choose (ids) {
    this.setState({ chosen: new Set(ids) })
  }

  async act (verb, ids) {
    this.setState({ chosen: new Set(), busy: true })
    await deadLetters(verb, ids)
    this.setState({ busy: false })
  }

  ask (ids) {
    const which = ids.length === 1 ? `Event ${ids[0]} is` : `${count(ids.length, 'event')} are`
    change({
      question: {
        title: ids.length === 1 ? 'Drop this dead letter?' : `Drop ${ids.length} dead letters?`,
        text: `${which} deleted and never delivered. This cannot be undone.`,
        verb: 'Drop',
        act: () => this.act('drop', ids)
      }
    })
  }
}

function find (event, id) {
  event.preventDefault()
  setFilter({ system: '', outcome: '', text: '', id })
  show('events')
}
