// Dialogs: the browser's own, which keeps the focus inside and closes with Esc.

import { setShortcuts } from './actions.js'
import { Icon } from './icons.js'
import { KEYS } from './keys.js'
import { Component, createRef, html } from './lib.js'
import { OUTCOMES } from './outcomes.js'
import { change } from './state.js'

export class Dialog extends Component {
  box = createRef()

  componentDidMount () {
    this.componentDidUpdate()
  }

  componentDidUpdate () {
    const { current } = this.box
    if (this.props.open && !current.open) current.showModal()
    else if (!this.props.open && current.open) current.close()
  }

  render ({ title, onClose, children }) {
    return html`
      <dialog ref=${this.box} aria-label=${title} onClose=${onClose} onClick=${event => event.target === this.box.current && onClose()}>
        <div class="dialog">
          <div class="line"><h2>${title}</h2>
            <button type="button" class="button bare close" title="Close (Esc)" onClick=${onClose}><${Icon} name="close" /><span class="unseen">Close</span></button></div>
          ${children}
        </div>
      </dialog>
    `
  }
}

/** Asks before something that cannot be undone. */
export function Question ({ question }) {
  const close = () => change({ question: null })
  return html`
    <${Dialog} open=${question !== null} title=${question?.title ?? 'Question'} onClose=${close}>
      ${question && html`<p>${question.text}</p>
        <div class="row end">
          <button type="button" class="button" onClick=${close}>Cancel</button>
          <button type="button" class="button danger" onClick=${() => { close(); question.act() }}>${question.verb}</button>
        </div>`}
    <//>
  `
}

export function Help ({ open, shortcuts }) {
  return html`
    <${Dialog} open=${open} title="Keyboard and outcomes" onClose=${() => change({ help: false })}>
      ${open && html`<div class="help">
        <section>
          <h3>Keyboard</h3>
          <dl>${KEYS.map(([keys, text]) => html`<div><dt>${keys.map(key => html`<kbd>${key}</kbd> `)}</dt><dd>${text}</dd></div>`)}</dl>
          <label class="check"><input type="checkbox" checked=${shortcuts} onChange=${event => setShortcuts(event.target.checked)} />Single-key shortcuts</label>
        </section>
        <section>
          <h3>Outcomes</h3>
          <dl>${Object.entries(OUTCOMES).map(([outcome, { tone, icon, means }]) => html`
            <div><dt><span class="outcome ${tone}"><${Icon} name=${icon} />${outcome}</span></dt><dd>${means}</dd></div>`)}</dl>
        </section>
      </div>`}
    <//>
  `
}
