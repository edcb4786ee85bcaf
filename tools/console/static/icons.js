// The page's icons: 16 × 16, drawn in the color of the text around them.

import { html } from './lib.js'

const RING = 'M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5z'
const SHAPES = {
  check: ['M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5z', 'M5.2 8.2l2 2l3.8-4.2'],
  again: ['M13.5 8a5.5 5.5 0 1 1-1.6-3.9', 'M12.2 1.4v2.9H9.3', 'M5.8 8.2l1.6 1.6l2.9-3.2'],
  clock: [RING, 'M8 4.6V8l2.3 1.6'],
  hourglass: ['M4.2 1.8h7.6M4.2 14.2h7.6', 'M5 1.8v2.4L8 8l3-3.8V1.8M5 14.2v-2.4L8 8l3 3.8v2.4'],
  copy: ['M5.5 5.5h8v8h-8z', 'M10.5 5.5v-3h-8v8h3'],
  minus: [RING, 'M5 8h6'],
  slash: [RING, 'M3.8 12.2l8.4-8.4'],
  octagon: ['M5.4 1.75h5.2l3.65 3.65v5.2l-3.65 3.65H5.4L1.75 10.6V5.4z', 'M5 8h6'],
  cross: ['M8 1.9l6.6 11.9H1.4z', 'M8 6.2v3.4M8 11.6v.2'],
  expired: [RING, 'M8 4.6V8M8 11.2v.1'],
  letter: ['M1.75 3.5h12.5v9H1.75z', 'M5.9 5.9l4.2 4.2M10.1 5.9l-4.2 4.2'],
  question: [RING, 'M6.2 6.3a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.8.6-.8 1.2M8 11.4v.1'],
  progress: ['M8 1.75a6.25 6.25 0 0 1 6.25 6.25', 'M12.4 12.4A6.25 6.25 0 1 1 5.6 2.2'],
  pause: ['M5.5 3v10M10.5 3v10'],
  play: ['M4.5 2.8v10.4L13 8z'],
  close: ['M3.5 3.5l9 9M12.5 3.5l-9 9'],
  send: ['M1.9 8L14 2.2L10.6 14L7.6 9z', 'M7.6 9L14 2.2'],
  link: ['M6.6 9.4l2.8-2.8', 'M7.6 4.6l1.5-1.5a2.7 2.7 0 0 1 3.8 3.8l-1.5 1.5', 'M8.4 11.4l-1.5 1.5a2.7 2.7 0 0 1-3.8-3.8l1.5-1.5'],
  bolt: ['M9 1.5L3 9.2h4.2L6.6 14.5L13 6.6H8.6z'],
  search: ['M7 2.2a4.8 4.8 0 1 0 0 9.6a4.8 4.8 0 1 0 0-9.6z', 'M10.6 10.6l3.4 3.4'],
  up: ['M8 13V3.5M4 7.2L8 3.2l4 4'],
  back: ['M10 3L5 8l5 5'],
  sun: ['M8 5a3 3 0 1 0 0 6a3 3 0 1 0 0-6z', 'M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1.1 1.1M11.9 11.9L13 13M13 3l-1.1 1.1M4.1 11.9L3 13'],
  moon: ['M13.4 9.6A5.8 5.8 0 0 1 6.4 2.6a5.8 5.8 0 1 0 7 7z'],
  auto: [RING, 'M8 1.75v12.5', 'M8 4h4.6M8 6.7h6M8 9.4h6M8 12h4.6'],
  terminal: ['M1.75 2.5h12.5v11H1.75z', 'M4.4 5.6l2.2 2.2l-2.2 2.2M8.4 10.2h3'],
  dot: ['M8 5.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 1 0 0-5z'],
  key: ['M5.2 6.2a3.4 3.4 0 1 0 3.3 4.2h2v2h2v-2h2V8.4H8.5a3.4 3.4 0 0 0-3.3-2.2z'],
  inbox: ['M1.75 9l2-6h8.5l2 6v4.3H1.75z', 'M1.75 9h3.8l1 1.8h2.9l1-1.8h3.8']
}

export function Icon ({ name }) {
  return html`<svg class="icon icon-${name}" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    ${SHAPES[name].map(d => html`<path d=${d} />`)}
  </svg>`
}
