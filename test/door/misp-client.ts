/** Requests as PyMISP sends them (pymisp/api.py, `_prepare_request`), and answers read as it reads them. */
export interface MispClient {
  /** As PyMISP's `_check_response`: what `response` wraps, or `errors` with status and body. */
  call<T = Record<string, unknown>>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T>
  raw(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Response>
}

/** `url` as it is given to PyMISP: paths are joined to it, so that it has to end in a slash. */
export function mispClient(url: string, key: string): MispClient {
  const raw = (method: 'GET' | 'POST', path: string, body?: unknown): Promise<Response> =>
    fetch(new URL(path, url), {
      method,
      headers: {
        accept: 'application/json',
        'accept-encoding': 'gzip, deflate',
        authorization: key,
        'content-type': 'application/json',
        'user-agent': 'PyMISP 2.4.198 - Python 3.11'
      },
      ...(method === 'POST' ? { body: JSON.stringify(body ?? {}) } : {})
    })
  return {
    raw,
    call: async <T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> => {
      const response = await raw(method, path, body)
      const json = (await response.json()) as { readonly response?: unknown }
      if (response.status >= 400) return { errors: [response.status, json] } as T
      return (typeof json === 'object' && json !== null && 'response' in json ? json.response : json) as T
    }
  }
}
