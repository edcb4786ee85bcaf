// How each outcome looks and what it means: a word, a shape and a tone, so that color is never alone.

export const OUTCOMES = {
  'in progress': { tone: 'calm', icon: 'progress', means: 'The gateway has not answered yet.' },
  delivered: { tone: 'good', icon: 'check', means: 'The upstream accepted it.' },
  redelivered: { tone: 'good', icon: 'again', means: 'It was queued, and the upstream accepted it later.' },
  queued: { tone: 'wait', icon: 'clock', means: 'It is safely queued and will be sent.' },
  waiting: { tone: 'wait', icon: 'hourglass', means: 'It is queued, was tried, and will be tried again.' },
  replayed: { tone: 'calm', icon: 'copy', means: 'The same event came before; its answer was given again.' },
  dropped: { tone: 'calm', icon: 'minus', means: 'It had been delivered before, so it was not sent again.' },
  rejected: { tone: 'odd', icon: 'slash', means: 'The gateway refused it: its input, its key or its path.' },
  refused: { tone: 'bad', icon: 'octagon', means: 'The upstream refused it.' },
  failed: { tone: 'bad', icon: 'cross', means: 'It was neither delivered nor queued. The app must retry.' },
  expired: { tone: 'bad', icon: 'expired', means: 'It was too old to be sent.' },
  'dead letter': { tone: 'bad', icon: 'letter', means: 'It waits for an operator to send it again or drop it.' },
  preflight: { tone: 'calm', icon: 'search', means: 'A browser asked whether a page may call. No event was sent.' },
  unknown: { tone: 'odd', icon: 'question', means: 'Nobody knows whether the upstream accepted it.' }
}

const OTHER = { tone: 'calm', icon: 'question', means: '' }

export function look (outcome) {
  return OUTCOMES[outcome] ?? OTHER
}

/** What became of an event in words; of a batch, how many of its items stand how: `2 delivered, 1 rejected.` */
export function meaning ({ outcome, life }) {
  if (!life?.items) return look(outcome).means
  const numbers = Map.groupBy(life.items, item => item.outcome)
  return `${[...numbers].map(([word, items]) => `${items.length} ${word}`).join(', ')}.`
}

/** The tone of an HTTP status; null is no answer, or none yet. */
export function statusTone (status) {
  if (status === null || status === undefined) return 'calm'
  if (status >= 500) return 'bad'
  if (status >= 400) return 'odd'
  return status >= 300 ? 'wait' : 'good'
}

export const FAILURES = new Set(['refused', 'failed', 'expired', 'dead letter', 'unknown'])
