/**
 * Addresses below `/misp/` as MISP's clients write them, in one form. There the action `index` may go unsaid, `.json` and
 * slashes may follow, and settings are segments of the path (`events/view/1/deleted:1`): these become the query, where
 * each route says which it knows.
 */
const BASE = '/misp/'
const SETTING = /^([A-Za-z]{1,40})(?:\[\]|%5B%5D)?:([\w.,-]{0,64})$/i
const EVENT = /^(?:\d{1,16}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i

/** What is called otherwise by some, or by older ones. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'GET events': 'events/index',
  'POST events': 'events/add',
  'GET tags/index': 'tags',
  'GET servers/getPyMISPVersion': 'servers/getPyMISPVersion.json',
  'GET attributes/describeTypes': 'attributes/describeTypes.json',
  'POST attributes/restSearch/json': 'attributes/restSearch',
  'POST attributes/restSearch/download': 'attributes/restSearch',
  'POST events/restSearch/json': 'events/restSearch',
  'POST events/restSearch/download': 'events/restSearch'
}

/** The address that a route here has, of any that MISP takes for it; others stay as they are. */
export function mispAddress(method: string, url: string): string {
  if (!url.startsWith(BASE)) return url
  const [path = '', ...asked] = url.split('?')
  const segments = path
    .slice(BASE.length)
    .split('/')
    .filter((segment) => segment !== '')
  const settings: string[] = []
  for (let found = settingIn(segments.at(-1)); found !== undefined; found = settingIn(segments.at(-1))) {
    settings.unshift(found)
    segments.pop()
  }
  const name = segments.join('/').replace(/\.json$/, '')
  const [controller, id = ''] = name.split('/')
  const isEvent = method === 'GET' && segments.length === 2 && controller === 'events' && EVENT.test(id)
  const known = `${method} ${name}`
  const place = isEvent ? `events/view/${id}` : Object.hasOwn(OTHER_NAMES, known) ? OTHER_NAMES[known] : name
  const query = [...settings, ...asked.filter((text) => text !== '')].join('&')
  return `${BASE}${place}${query === '' ? '' : `?${query}`}`
}

function settingIn(segment: string | undefined): string | undefined {
  const [, name, value] = SETTING.exec(segment ?? '') ?? []
  return name === undefined ? undefined : `${name}=${value}`
}
