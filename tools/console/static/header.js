// The top of the page: what this is, whether it is live, where else to go.

import { copy, show } from './actions.js'
import { active } from './faults.js'
import { compose, sample } from './composing.js'
import { Icon } from './icons.js'
import { html } from './lib.js'
import { change } from './state.js'
import { THEMES, choose } from './theme.js'

const LINKS = {
  live: ['good', 'Live'],
  connecting: ['calm', 'Connecting'],
  lost: ['bad', 'Connection lost']
}
const THEME_ICONS = { auto: 'auto', light: 'sun', dark: 'moon' }

export function Header ({ run, view, link, theme, queues, faults }) {
  const [tone, word] = LINKS[link]
  const dead = (queues?.systems ?? []).reduce((sum, system) => sum + system.dead_letters, 0)
  return html`
    <header class="header">
      <h1 class="brand"><img src="/static/icon.svg" alt="" width="22" height="22" /><span class="name">Trackgate</span> <span class="quiet">console</span></h1>
      <p class="link ${tone}"><${Icon} name="dot" />${word}</p>
      <nav class="tabs" aria-label="Views">
        <${Tab} name="events" view=${view}>Events<//>
        <${Tab} name="faults" view=${view} number=${active(faults).length} tone="wait" unit="on">Faults<//>
        <${Tab} name="queues" view=${view} number=${dead} tone="bad" unit="dead letters">Queues<//>
        <${Tab} name="keys" view=${view}>Keys<//>
        <a class="tab" href="/docs">API<span class="roomy"> reference</span></a>
      </nav>
      <div class="tools">
        <button type="button" class="address" title="Copy the API’s address" onClick=${() => copy(run.api, 'Address')}>
          <span class="unseen">Copy the API’s address: </span><code>${run.api.replace(/^https?:\/\//, '')}</code><${Icon} name="copy" />
        </button>
        <button type="button" class="button primary" onClick=${() => compose(sample())}><${Icon} name="send" />Send<span class="roomy"> an event</span></button>
        <button type="button" class="button bare" title="Theme: ${theme}" onClick=${() => turn(theme)}>
          <${Icon} name=${THEME_ICONS[theme]} /><span class="unseen">Theme: ${theme}. Change it.</span>
        </button>
        <button type="button" class="button bare" title="Keyboard and outcomes (?)" onClick=${() => change({ help: true })}>
          <${Icon} name="question" /><span class="unseen">Help: keyboard and outcomes</span>
        </button>
      </div>
    </header>
  `
}

function Tab ({ name, view, number = 0, tone, unit, children }) {
  return html`
    <a class="tab" href="#view=${name}" aria-current=${name === view ? 'page' : undefined} onClick=${event => go(event, name)}>
      ${children}${number > 0 && html`<span class="badge ${tone}">${number}<span class="unseen"> ${unit}</span></span>`}
    </a>
  `
}

function go (event, name) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  show(name)
}

function turn (theme) {
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]
  choose(next)
  change({ theme: next })
}
