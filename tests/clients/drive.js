/* Performs the calls that stand as JSON on standard input with an installed client; prints the outcomes. */
'use strict'

const { createRequire } = require('node:module')
const { readFileSync } = require('node:fs')
require('./perform.js')

const asked = JSON.parse(readFileSync(0, 'utf8'))
const installed = createRequire(`${asked.modules}/`)
const found = installed(asked.package)
globalThis.FormDataOfTheClient = installed('form-data')

globalThis.perform(found.default ?? found, asked).then(outcomes => {
  // A line of its own, the last: some clients print failures too.
  process.stdout.write(`\n${JSON.stringify(outcomes)}`)
  // Some keep their connections, and with them the process, for minutes.
  process.exit(0)
})
