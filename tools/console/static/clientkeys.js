// The client keys of the run: which apps may call, and what.

import { html } from './lib.js'

export function ClientKeys ({ queues }) {
  const keys = queues?.keys ?? []
  const system = keys.flatMap(key => key.systems)[0] ?? 'SYSTEM'
  return html`
    <section class="panel" aria-labelledby="keys-title">
      <div class="head"><div><h2 id="keys-title">Client keys</h2>
        <p class="quiet">Apps send a client key where the vendor expects its own. Create one with <code>bin/trackgate keys create my-app --local --system ${system} --allow '*'</code>.</p></div></div>
      ${queues === null ? html`<p class="quiet">Reading the keys…</p>` : !keys.length ? html`<p class="quiet">There are none.</p>` : html`
      <div class="table" tabindex="0" role="group" aria-labelledby="keys-title">
        <table>
          <thead><tr><th scope="col">Key</th><th scope="col">Name</th><th scope="col">Systems</th><th scope="col">Apps and projects</th><th scope="col">Expires</th></tr></thead>
          <tbody>${keys.map(key => html`
            <tr><th scope="row"><code>${key.id}</code></th><td>${key.name}</td><td>${key.systems.join(', ') || 'all'}</td><td>${all(key.allow)}</td><td>${key.expires ?? 'never'}</td></tr>`)}
          </tbody>
        </table>
      </div>`}
    </section>
  `
}

function all (allowed) {
  return !allowed.length || allowed.includes('*') ? 'all' : allowed.join(', ')
}
