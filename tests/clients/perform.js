/* Makes a published client and performs calls with it; the same file serves Node.js and a page. */
'use strict'

globalThis.perform = async function perform (Client, { family, instance, host, key, calls }) {
  const make = {
    client () {
      const client = new Client(instance, { host, token: key })
      return ({ endpoint, data, options }) => client.post(`onesignal/${endpoint}`, data, options)
    },
    core () {
      // Its host comes from the environment: SYNCANO_HOST or SPACE_HOST.
      const { endpoint: endpoints } = new Client({ instanceName: instance, token: key })
      return ({ endpoint, data }) => endpoints.post(`onesignal/${endpoint}`, data)
    },
    connection () {
      const { Endpoint } = Client({ baseUrl: `https://${host}`, ...(key && { userKey: key }) })
      // Its own "then" takes no second argument, so that awaiting it would never fail.
      return ({ endpoint, data }) => Endpoint.please().run(
        { instanceName: instance, socket_name: 'onesignal', endpoint_name: endpoint }, 'POST', data
      ).then(body => body)
    }
  }

  // What a caller of the client gets to see of a failure; each version puts it elsewhere.
  const seen = error => ({
    message: error.message,
    status: error.status ?? error.response?.status ?? null,
    data: error.data ?? error.response?.data ?? error.response?.body ?? null
  })

  const call = make[family]()
  const outcomes = []
  for (const { form, ...asked } of calls) {
    try {
      if (form) asked.data = filled(form, asked)
      outcomes.push({ value: await call(asked) })
    } catch (error) {
      outcomes.push({ error: seen(error) })
    }
  }
  return outcomes
}

function filled (fields, asked) {
  const form = new globalThis.FormDataOfTheClient()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  // In Node.js the boundary is the caller's to pass on, in a page the browser's.
  if (form.getHeaders) asked.options = { headers: form.getHeaders() }
  return form
}
