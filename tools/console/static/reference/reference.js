// Shows /openapi.json with Scalar's reference, and sends what is tried through the console's relay.

const document_ = await (await fetch('/openapi.json')).json()
const api = document_.servers[0].url

// The page may call its own origin alone; the server shown, and so the copied curl, is the API's own address.
async function relayed (asked, options) {
  const request = new Request(asked, options)
  if (!request.url.startsWith(`${api}/`)) throw new TypeError(`this reference calls ${api} alone`)
  const { method, headers } = request
  const body = method === 'GET' || method === 'HEAD' ? undefined : await request.arrayBuffer()
  return fetch(`/try${request.url.slice(api.length)}`, { method, headers, body })
}

window.Scalar.createApiReference('#reference', {
  content: document_,
  customFetch: relayed,
  // What Scalar does beyond this page by default: its fonts, its cloud, its assistants, its statistics.
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: 'never',
  persistAuth: false,
  documentDownloadType: 'json',
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' }
})
