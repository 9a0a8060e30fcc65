const PROTOCOLS = 'tcp|udp|icmp|ip|http|tls|dns|ssh|smtp|ftp|smb'
/** Those that the configuration of every Suricata sets. */
const VARIABLES = 'HOME_NET|EXTERNAL_NET|HTTP_SERVERS|SMTP_SERVERS|SQL_SERVERS|DNS_SERVERS|TELNET_SERVERS'
const PORT_VARIABLES = 'HTTP_PORTS|SSH_PORTS'

const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const ADDRESS = `${BYTE}(?:\\.${BYTE}){3}`
const RANGE = `${ADDRESS}(?:/(?:3[0-2]|[12]\\d|[1-9]))?`
// What is negated and listed beside what it takes away could leave nothing, which is an error.
const HOSTS = new RegExp(`^(?:any|\\$(?:${VARIABLES})|!${ADDRESS}|${RANGE}|\\[${RANGE}(?:,${RANGE}){0,63}\\])$`)
const PORTS = new RegExp(
  `^(?:any|\\$(?:${PORT_VARIABLES})|!?\\d{1,5}|\\d{1,5}:\\d{1,5}|\\[\\d{1,5}(?:,\\d{1,5}){0,31}\\])$`
)
const HEADER = new RegExp(`^alert (${PROTOCOLS}) (\\S+) (\\S+) (?:->|<>) (\\S+) (\\S+)$`)

/** `alert http $HOME_NET any -> 203.0.113.4 80`, blanks made one; undefined where it would not load. */
export function suricataHeader(text: string): { readonly text: string; readonly protocol: string } | undefined {
  const line = text.trim().replace(/[ \t]+/g, ' ')
  const [, protocol = '', source = '', from = '', target = '', to = ''] = HEADER.exec(line) ?? []
  const areGood = [source, target].every((hosts) => HOSTS.test(hosts)) && [from, to].every(arePorts)
  const hasPorts = from !== 'any' || to !== 'any'
  return areGood && !(hasPorts && (protocol === 'ip' || protocol === 'icmp')) ? { text: line, protocol } : undefined
}

function arePorts(text: string): boolean {
  const numbers = [...text.matchAll(/\d+/g)].map(([digits]) => Number(digits))
  if (!PORTS.test(text) || numbers.some((port) => port < 1 || port > 65_535)) return false
  const [least = 0, most = least] = numbers
  return !text.includes(':') || least < most
}
