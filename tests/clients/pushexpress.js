/* Asks what stands in `asked.json` with fetch(), as push.express's script for web pages does; reports all. */
'use strict'

fetch('asked.json').then(asked => asked.json()).then(async asked => {
  const outcomes = []
  for (const [url, init] of asked) outcomes.push(await outcome(url, init))
  return fetch('report', { method: 'POST', body: JSON.stringify(outcomes) })
})

async function outcome (url, init) {
  try {
    const answer = await fetch(url, init)
    return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() }
  } catch (error) {
    // All that a page is told of an answer that it may not read.
    return { unreadable: error.name }
  }
}
