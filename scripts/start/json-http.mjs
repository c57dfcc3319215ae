/**
 * JSON over HTTP: Ferrule's API, and the lab's control API.
 *
 * @param {string} base
 * @param {string} [token]
 */
export function jsonHttp(base, token) {
  const headers = token ? { authorization: `Bearer ${token}` } : {}
  async function ask(method, path, body) {
    const response = await fetch(`${base}${path}`, {
      method,
      // a type without a body would be refused
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new HttpError(method, path, response.status, text)
    return text === '' ? undefined : JSON.parse(text)
  }
  return {
    get: (path) => ask('GET', path),
    post: (path, body = {}) => ask('POST', path, body),
    put: (path, body) => ask('PUT', path, body),
    delete: (path) => ask('DELETE', path),
  }
}

export class HttpError extends Error {
  constructor(method, path, status, text) {
    super(`${method} ${path}: ${status} ${told(text)}`)
    this.status = status
  }
}

/** Ferrule's problems have detail and remedy, the lab's errors an error. */
function told(text) {
  try {
    const { detail, remedy, error } = JSON.parse(text)
    return detail ? `${detail}. ${remedy ?? ''}` : (error ?? text)
  } catch {
    return text
  }
}
