// JSON as people read it: indented and colored, each number and text as it was written (`1.50` stays `1.50`).

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/g
const MOST_TOKENS = 8000
const DEEPEST = 100

/**
 * The text's parts: {kind: 'key' | 'text' | 'number' | 'word' | 'mark', text}, which joined are the indented
 * text; null if it is not JSON, or deeper than anyone reads. A very long one has a single part.
 */
export function parts (text) {
  if (!isJson(text)) return null
  const found = indented(text.match(TOKEN) ?? [])
  if (found === null) return null
  return found.length > MOST_TOKENS ? [{ kind: 'mark', text: found.map(part => part.text).join('') }] : found
}

function isJson (text) {
  try {
    const value = JSON.parse(text)
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}

/** Null if it is too deep: its indents would grow with the square of its length. */
function indented (tokens) {
  const found = []
  let depth = 0
  const add = (kind, text) => found.push({ kind, text })
  const line = () => add('mark', `\n${'  '.repeat(depth)}`)
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1]
    if (token === '{' || token === '[') {
      add('mark', token)
      depth += 1
      if (depth > DEEPEST) return null
      if (next !== '}' && next !== ']') line()
    } else if (token === '}' || token === ']') {
      depth -= 1
      if (tokens[index - 1] !== '{' && tokens[index - 1] !== '[') line()
      add('mark', token)
    } else if (token === ',') {
      add('mark', token)
      line()
    } else if (token === ':') {
      add('mark', ': ')
    } else {
      add(kindOf(token, next), token)
    }
  }
  return found
}

function kindOf (token, next) {
  if (token.startsWith('"')) return next === ':' ? 'key' : 'text'
  return /^[-\d]/.test(token) ? 'number' : 'word'
}

/** The indented text, or the text itself if it has no parts. */
export function pretty (text) {
  return parts(text)?.map(part => part.text).join('') ?? text
}
