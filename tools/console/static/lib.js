// What the page is made of: Preact and htm, as npm publishes them.

import { Component, createRef, h, render } from './vendor/preact/preact.js'
import htm from './vendor/htm/htm.js'

export { Component, createRef, render }
export const html = htm.bind(h)

/** A component that is drawn again only when one of its properties is another value. */
export class Pure extends Component {
  shouldComponentUpdate (next, state) {
    return state !== this.state || differ(next, this.props)
  }
}

function differ (one, other) {
  const names = Object.keys(one)
  return names.length !== Object.keys(other).length || names.some(name => one[name] !== other[name])
}
