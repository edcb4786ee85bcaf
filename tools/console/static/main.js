// Starts the page: enters with the cookie, draws, and follows the stream.

import {
  SHORTCUTS, arrived, follow as followAddress, isFirst, many, open, refreshFaults, refreshState, reload
} from './actions.js'
import { read as readAddress } from './address.js'
import { ApiError, read } from './api.js'
import { listen } from './keys.js'
import { html, render } from './lib.js'
import { Page } from './page.js'
import { change, onChange, state } from './state.js'
import { follow } from './stream.js'
import { chosen } from './theme.js'

const FAULTS_SECONDS = 5
const RETRY_SECONDS = 2

async function start () {
  // The token is in the address only to become a cookie.
  if (location.search) history.replaceState(null, '', location.pathname + location.hash)
  const { open: number, ...address } = readAddress(location.hash)
  change({ ...address, theme: chosen(), shortcuts: localStorage.getItem(SHORTCUTS) !== 'false' })
  onChange(() => render(html`<${Page} ...${state} first=${isFirst()} />`, document.getElementById('page')))
  listen()
  addEventListener('hashchange', followAddress)
  if (await entered()) live(number)
}

async function entered () {
  for (;;) {
    try {
      change({ run: await read('/api/run'), access: 'inside' })
      return true
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        change({ access: 'denied' })
        return false
      }
      change({ link: 'lost' })
      await new Promise(resolve => setTimeout(resolve, RETRY_SECONDS * 1000))
    }
  }
}

function live (number) {
  if (number !== null) open(number)
  // Faults are also set from a terminal.
  setInterval(() => document.hidden || state.link !== 'live' || refreshFaults(), FAULTS_SECONDS * 1000)
  follow({
    event: arrived,
    many,
    state: queues => change({ queues }),
    rates: rates => change({ rates }),
    open: () => {
      change({ link: 'live' })
      // What happened before it flowed is only in the list.
      reload()
      refreshState()
      refreshFaults()
    },
    lost: () => change({ link: 'lost' }),
    denied: () => change({ access: 'denied' })
  })
}

start()
