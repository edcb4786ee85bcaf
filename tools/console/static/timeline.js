// The time line of one event: a picture with waits to scale (their square root, so that hours and milliseconds
// fit one line), and each step in words.

import { duration, fineClock } from './format.js'
import { Icon } from './icons.js'
import { Pure, html } from './lib.js'
import { look } from './outcomes.js'

const ICONS = {
  received: 'terminal', checked: 'search', try: 'send', queued: 'inbox', wait: 'hourglass', redelivery: 'again', record: 'copy', end: 'dot'
}
const TONES = { delivered: 'good', transient: 'bad', setup: 'bad', refused: 'bad', 'not sent': 'calm' }
/** Shorter gaps are not worth a mark. */
const LEAST_GAP = 50

export class Timeline extends Pure {
  render ({ steps, outcome, logged, tries, chosen, onChoose }) {
    if (!steps.length) return html`<p class="quiet unlogged">${logged ? 'The functions’ log lines have not arrived yet.' : 'This call has no event id, so no log line tells of it.'}</p>`
    const { tone, icon } = look(outcome)
    return html`
      <section class="timeline" aria-labelledby="timeline-title">
        <h3 id="timeline-title">Time line</h3>
        <div class="picture">
          <span class="stop calm"><${Icon} name="terminal" /><span>received</span></span>
          ${drawn(steps).map(part => part.gap !== undefined
            ? html`<span class="gap" style=${{ flexGrow: Math.max(Math.sqrt(part.gap), 1) }}><span>${part.gap >= LEAST_GAP ? duration(part.gap) : ''}</span></span>`
            : html`<${Try} step=${steps[part.index]} index=${tries[part.index]} chosen=${chosen} onChoose=${onChoose} />`)}
          <span class="stop ${tone}"><${Icon} name=${icon} /><span>${outcome}</span></span>
        </div>
      </section>
    `
  }
}

/** Each step in words. */
export class Steps extends Pure {
  render ({ steps, tries, onChoose }) {
    if (!steps.length) return null
    const start = Date.parse(steps[0].time)
    const several = tries.filter(index => index !== null).length > 1
    return html`
      <section class="steps" aria-labelledby="steps-title">
        <h3 id="steps-title">Steps</h3>
        <ol>${steps.map((step, index) => html`
          <li class=${toneOf(step)}>
            <time datetime=${step.time} title=${fineClock(step.time)}>+${duration(Math.max(Date.parse(step.time) - start, 0))}</time>
            <${Icon} name=${ICONS[step.kind] ?? 'dot'} />
            <span class="text">${step.text}</span>
            ${tries[index] !== null && several && html`<button type="button" class="linklike" onClick=${() => onChoose(tries[index])}>show<span class="unseen"> this request</span></button>`}
          </li>`)}
        </ol>
      </section>
    `
  }
}

function Try ({ step, index, chosen, onChoose }) {
  const inside = html`<strong>${step.status ?? step.outcome ?? 'no answer'}</strong><span>${duration(step.milliseconds)}</span>`
  if (index === null) return html`<span class="attempt ${toneOf(step)}">${inside}</span>`
  return html`<button type="button" class="attempt ${toneOf(step)}" aria-pressed=${index === chosen} title=${step.text} onClick=${() => onChoose(index)}>${inside}</button>`
}

/** [{index} of a try, {gap} in milliseconds…] from receipt to the end. */
export function drawn (steps) {
  const found = []
  let at = Date.parse(steps[0].time)
  steps.forEach((step, index) => {
    if (step.kind !== 'try') return
    const time = Date.parse(step.time)
    found.push({ gap: Math.max(time - at, 0) }, { index })
    at = time + (step.milliseconds ?? 0)
  })
  found.push({ gap: Math.max(Date.parse(steps.at(-1).time) - at, 0) })
  return found
}

function toneOf (step) {
  if (step.kind === 'try') return TONES[step.outcome] ?? 'odd'
  if (step.kind === 'end') return 'strong'
  return 'calm'
}
