// A request as a curl command for a POSIX shell, every value quoted.

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/

/** One word of the shell. The placeholder of the client key stays a variable of the shell. */
export function quoted (text, placeholder) {
  const [first, ...others] = placeholder ? text.split(placeholder) : [text]
  return others.reduce((all, part) => `${all}"${placeholder}"${part && single(part)}`, first && single(first)) || "''"
}

function single (text) {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** `{method, path, headers: [[name, value]…], body}` → the command, a line per option. `api`: the gateway's base URL. */
export function command (api, { method, path, headers, body }, placeholder) {
  const url = `${api}${path}`
  const words = ['curl -i']
  // Otherwise curl reads brackets as a range, and resolves dots.
  if (/[[\]{}]/.test(url)) words.push('-g')
  if (/\/\.\.?(\/|$|\?)/.test(path)) words.push('--path-as-is')
  if (method !== (body ? 'POST' : 'GET')) words.push(`-X ${quoted(method)}`)
  const lines = [[...words, quoted(url, placeholder)].join(' ')]
  for (const [name, value] of headers) lines.push(`-H ${quoted(value ? `${name}: ${value}` : `${name};`, placeholder)}`)
  if (body) {
    // Otherwise curl adds the type of a form.
    if (!headers.some(([name]) => name.toLowerCase() === 'content-type')) lines.push('-H Content-Type:')
    lines.push(`--data-raw ${quoted(body, placeholder)}`)
  }
  return lines.join(' \\\n  ')
}
