/* Performs the calls in `asked.json` with the client that the page has loaded. */
'use strict'

globalThis.FormDataOfTheClient = FormData

fetch('asked.json').then(asked => asked.json()).then(async asked => {
  const found = globalThis[asked.global]
  return report(await globalThis.perform(found.default ?? found, asked))
}).catch(error => report({ failed: String(error) }))

function report (value) {
  return fetch('report', { method: 'POST', body: JSON.stringify(value) })
}
