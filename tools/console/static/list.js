// The list of events: only the rows in sight are in the page, so that 10,000 are as quick as 10.

import { clearFilter, more, open } from './actions.js'
import { isFiltered } from './address.js'
import { place } from './events.js'
import { called, clock, duration } from './format.js'
import { Icon } from './icons.js'
import { Pure, createRef, html } from './lib.js'
import { look, statusTone } from './outcomes.js'
import { titleOf } from './systems.js'
import { change } from './state.js'

const ROW = 34
const TALL_ROW = 54
const WIDE = 700
/** Rows beyond both edges. */
const SPARE = 6

export class List extends Pure {
  state = { top: 0, height: 600, tall: false }
  box = createRef()

  componentDidMount () {
    this.resizes = new ResizeObserver(() => this.measure())
    this.resizes.observe(this.box.current)
    this.measure()
  }

  componentWillUnmount () {
    this.resizes.disconnect()
  }

  componentDidUpdate (before) {
    const { cursor, items, filter } = this.props
    if (filter !== before.filter) this.scroller().scrollTop = 0
    else if (items !== before.items) this.stay(before.items)
    if (cursor !== before.cursor && cursor !== null) this.reveal(place(items, cursor))
    this.fill()
  }

  render ({ run, items, next, loading, cursor, open: opened, filter, total }, { top, height, tall }) {
    const row = tall ? TALL_ROW : ROW
    const from = Math.max(Math.floor(top / row) - SPARE, 0)
    const shown = items.slice(from, Math.ceil((top + height) / row) + SPARE)
    return html`
      <section class="list ${tall ? 'tall' : 'wide'}" aria-label="Events" ref=${this.box}>
        ${!tall && html`<div class="columns" aria-hidden="true"><span>Outcome</span><span>Time</span><span>System</span>
          <span>Endpoint</span><span class="path">Request</span><span class="number">Status</span><span class="number">Tries</span><span class="number">Took</span></div>`}
        ${items.length > 0 && html`
          <div id="list" class="rows" role="listbox" tabindex="0" aria-label="Events, newest first" aria-activedescendant=${cursor === null ? undefined : `event-${cursor}`}
            onScroll=${event => this.setState({ top: event.target.scrollTop })}>
            <div class="reach" role="presentation" style=${{ height: `${items.length * row}px` }}>
              ${shown.map((event, index) => html`<${Row} key=${event.number} event=${event} system=${titleOf(run, event.system)} at=${(from + index) * row} size=${total}
                place=${from + index + 1} current=${event.number === cursor} opened=${event.number === opened} tall=${tall} />`)}
            </div>
          </div>`}
        ${top > row && items.length > 0 && html`<button type="button" class="button newest" onClick=${() => { this.scroller().scrollTop = 0 }}><${Icon} name="up" />Newest</button>`}
        ${!items.length && !loading && html`<${Nothing} filter=${filter} />`}
        ${loading && next !== null && items.length > 0 && html`<p class="more" role="presentation">Reading older events…</p>`}
      </section>
    `
  }

  scroller () {
    return this.box.current.querySelector('.rows') ?? this.box.current
  }

  measure () {
    if (!this.box.current) return
    const { clientHeight, clientWidth } = this.box.current
    this.setState({ height: clientHeight, tall: clientWidth < WIDE })
  }

  /** Keeps the row at the top where it was when others came above it. */
  stay (before) {
    const row = this.state.tall ? TALL_ROW : ROW
    const scroller = this.scroller()
    const at = Math.floor(scroller.scrollTop / row)
    if (at < 1 || !before[at]) return
    scroller.scrollTop += (place(this.props.items, before[at].number) - at) * row
  }

  reveal (at) {
    const row = this.state.tall ? TALL_ROW : ROW
    const scroller = this.scroller()
    const { scrollTop, clientHeight } = scroller
    if (at * row < scrollTop) scroller.scrollTop = at * row
    else if ((at + 1) * row > scrollTop + clientHeight) scroller.scrollTop = (at + 1) * row - clientHeight
  }

  /** Reads on when the end is near. */
  fill () {
    const { items, next, loading } = this.props
    const { top, height, tall } = this.state
    const row = tall ? TALL_ROW : ROW
    if (next !== null && !loading && top + 3 * height > items.length * row) more()
  }
}

class Row extends Pure {
  render ({ event, system, at, place, size, current, opened, tall }) {
    const { tone, icon } = look(event.outcome)
    const classes = ['row', current && 'current', opened && 'opened'].filter(Boolean).join(' ')
    const outcome = html`<span class="outcome ${tone}"><${Icon} name=${icon} />${event.outcome}</span>`
    const status = html`<span class="number status ${statusTone(event.status)}">${event.status ?? '–'}</span>`
    return html`
      <div id="event-${event.number}" class=${classes} role="option" aria-selected=${current} aria-posinset=${place} aria-setsize=${size} style=${{ top: `${at}px` }} onClick=${() => choose(event.number)}>
        ${tall
          ? html`<span class="line">${outcome}<span class="endpoint">${called(event)}</span>${status}</span>
              <span class="line quiet"><span>${clock(event.time)}</span><span class="system">${system ?? ''}${event.from === 'console' ? ' · sent here' : ''}</span>
              ${event.tries > 1 && html`<span>${event.tries} tries</span>`}<span class="number">${duration(event.milliseconds)}</span></span>`
          : html`${outcome}<span class="quiet">${clock(event.time)}</span><span class="system">${system ?? '–'}</span><span class="endpoint">${called(event)}</span>
              <span class="path quiet"><span>${event.method} ${event.path}</span>${event.from === 'console' && html`<em>sent here</em>`}</span>${status}
              <span class="number quiet">${event.tries || '–'}<span class="unseen"> tries</span></span><span class="number quiet">${duration(event.milliseconds)}</span>`}
      </div>
    `
  }
}

function choose (number) {
  change({ cursor: number })
  open(number)
}

function Nothing ({ filter }) {
  return html`
    <div class="nothing">
      ${isFiltered(filter)
        ? html`<p>No event matches.</p><button type="button" class="button" onClick=${clearFilter}>Clear filters</button>`
        : html`<p>No events yet.</p>`}
    </div>
  `
}
