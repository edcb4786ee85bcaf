/* Drives pages of one Chromium: a line of JSON on standard input asks, one on standard output tells. */
'use strict'

const { readFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { createInterface } = require('node:readline')
const [modules, program, ...flags] = process.argv.slice(2)
const installed = createRequire(`${modules}/`)
const { chromium } = installed('playwright-core')
const AXE = installed.resolve('axe-core/axe.min.js')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

// A busy machine is slow.
const PATIENCE = 60_000
const pages = new Map()

const acts = {
  async open (browser, { page: name, url, width, height, theme, motion }) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: motion })
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE)
    page.requested = []
    page.faults = []
    context.on('request', request => page.requested.push(request.url()))
    page.on('pageerror', error => page.faults.push(error.stack ?? String(error)))
    page.on('console', told => { if (/Content.Security.Policy/i.test(told.text())) page.faults.push(told.text()) })
    pages.set(name, page)
    await page.goto(url)
  },
  close: page => page.context().close(),
  goto: (page, { url }) => page.goto(url),
  reload: page => page.reload(),
  press: (page, { key }) => page.keyboard.press(key),
  click: (page, { at }) => page.locator(at).first().click(),
  fill: (page, { at, text }) => page.locator(at).first().fill(text),
  choose: (page, { at, value }) => page.locator(at).first().selectOption(value),
  wait: (page, { at, state }) => page.locator(at).first().waitFor({ state }),
  async until (page, { code }) {
    // Playwright's own way evaluates in the page, which its policy forbids.
    for (const began = Date.now(); !(await page.evaluate(code)); await page.waitForTimeout(50)) {
      if (Date.now() - began > PATIENCE) throw new Error(`not within ${PATIENCE} ms: ${code}`)
    }
  },
  text: (page, { at }) => page.locator(at).first().innerText(),
  count: (page, { at }) => page.locator(at).count(),
  evaluate: (page, { code }) => page.evaluate(code),
  shot: (page, { path }) => page.screenshot({ path }).then(() => null),
  heard: page => ({ requested: page.requested, faults: page.faults }),
  async axe (page, { rules }) {
    // The page's own policy keeps out what is added to the page, so it is evaluated from outside.
    if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(readFileSync(AXE, 'utf8'))
    const { violations } = await page.evaluate(only => globalThis.axe.run({ runOnly: only }), rules ?? RULES)
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(node => `${node.html} ${node.failureSummary}`).join(' | ')}`)
  }
}

async function drive () {
  const browser = await chromium.launch({ executablePath: program, args: flags })
  for await (const line of createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line)
    let told
    try {
      const target = asked.act === 'open' ? browser : pages.get(asked.page)
      told = { value: (await acts[asked.act](target, asked)) ?? null }
    } catch (error) {
      told = { error: error.message }
    }
    process.stdout.write(`${JSON.stringify(told)}\n`)
  }
  await browser.close()
}

drive()
