// Calls per second and latencies of the last five minutes, as two small charts.

import uPlot from './vendor/uplot/uplot.js'
import { duration } from './format.js'
import { Pure, createRef, html } from './lib.js'

const HEIGHT = 56
/** Seconds per point. */
const STEP = 5
/** The last step that is over: the one that runs has few calls yet. */
const COMPLETE = -2
const HEADROOM = 1.15
/** The top of a chart in which nothing happens. */
const LEAST = 1e-3

export class Charts extends Pure {
  render ({ rates, theme }) {
    if (!rates) return html`<div class="charts"></div>`
    const perSecond = values => values.map(value => value / STEP)
    const rate = value => value.toFixed(value && value < 10 ? 1 : 0)
    return html`
      <section class="charts" aria-label="Last five minutes">
        <${Chart} name="Calls per second" theme=${theme} times=${rates.seconds} unit=${rate} lines=${[
          ['calls/s', 'one', perSecond(rates.calls), COMPLETE], ['failed/s', 'bad', perSecond(rates.failed), COMPLETE]]} />
        <${Chart} name="Latency" theme=${theme} times=${rates.seconds} unit=${duration} lines=${[
          ['p50', 'one', rates.p50], ['p95', 'two', rates.p95], ['upstream p95', 'three', rates.upstream_p95]]} />
      </section>
    `
  }
}

class Chart extends Pure {
  box = createRef()

  componentDidMount () {
    this.plot = new uPlot(this.options(), this.data(), this.box.current)
    this.resizes = new ResizeObserver(([entry]) => this.plot.setSize({ width: Math.floor(entry.contentRect.width), height: HEIGHT }))
    this.resizes.observe(this.box.current)
    this.scheme = matchMedia('(prefers-color-scheme: dark)')
    this.scheme.addEventListener('change', this.redraw)
  }

  componentDidUpdate () {
    this.plot.setData(this.data())
    this.redraw()
  }

  componentWillUnmount () {
    this.scheme.removeEventListener('change', this.redraw)
    this.resizes.disconnect()
    this.plot.destroy()
  }

  redraw = () => this.plot.redraw(false)

  render ({ name, lines, unit }) {
    return html`
      <figure class="chart">
        <figcaption>${lines.map(([label, look, values, at]) => {
          const last = at ? values.at(at) : values.findLast(value => value !== null)
          return html`<span class="legend"><span class="swatch ${look}"></span>${label} <strong>${last === undefined ? '–' : unit(last)}</strong></span>`
        })}</figcaption>
        <div class="plot" role="img" aria-label="${name}, ${this.spoken()}" ref=${this.box}></div>
      </figure>
    `
  }

  spoken () {
    const { lines, unit } = this.props
    return lines.map(([label, , values]) => {
      const known = values.filter(value => value !== null)
      return known.length ? `${label}: now ${unit(known.at(-1))}, highest ${unit(Math.max(...known))}` : `${label}: none`
    }).join('; ')
  }

  data () {
    return [this.props.times, ...this.props.lines.map(([, , values]) => values)]
  }

  options () {
    const color = look => () => getComputedStyle(this.box.current.parentElement.querySelector(`.swatch.${look}`)).color
    const faint = () => getComputedStyle(this.box.current).borderTopColor
    const quiet = () => getComputedStyle(this.box.current).color
    return {
      width: Math.max(this.box.current.clientWidth, 100),
      height: HEIGHT,
      cursor: { show: false },
      legend: { show: false },
      padding: [6, 4, 7, 0],
      scales: { x: { time: true }, y: { range: (_, low, high) => [0, Math.max(high * HEADROOM, LEAST)] } },
      axes: [
        { show: false },
        { size: 48, font: '10px system-ui', gap: 4, stroke: quiet, splits: (_, __, low, high) => (high > LEAST ? [0, high / HEADROOM / 2, high / HEADROOM] : [0]),
          values: (_, splits) => splits.map(value => this.props.unit(value)), grid: { stroke: faint, width: 1 }, ticks: { show: false } }
      ],
      series: [{}, ...this.props.lines.map(([label, look]) => ({ label, stroke: color(look), width: 1.5, points: { show: false }, spanGaps: true }))]
    }
  }
}
