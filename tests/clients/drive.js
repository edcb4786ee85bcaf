/* Performs calls with an installed client: a line of JSON on standard input asks, one on standard output tells. */
'use strict'

const { globalAgent } = require('node:https')
const { createRequire } = require('node:module')
const { createInterface } = require('node:readline')
require('./perform.js')

// Each line is an app of its own: it finds no connection that the one before it left.
globalAgent.keepAlive = false

const [modules, name] = process.argv.slice(2)
const installed = createRequire(`${modules}/`)
const found = installed(name)
globalThis.FormDataOfTheClient = installed('form-data')

async function perform () {
  for await (const line of createInterface({ input: process.stdin })) {
    const outcomes = await globalThis.perform(found.default ?? found, JSON.parse(line))
    // A line of its own, that begins as no other does: some clients print failures too.
    process.stdout.write(`\n\u001e${JSON.stringify(outcomes)}\n`)
  }
  // Some keep their connections, and with them the process, for minutes.
  process.exit(0)
}

perform()
