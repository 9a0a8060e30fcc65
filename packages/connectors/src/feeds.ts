import type { FeedInfo } from './feed.ts'
import { CSV } from './feeds/csv.ts'
import { ECS, KQL } from './feeds/elastic.ts'
import {
  FORTINET_DOMAIN,
  FORTINET_HASH,
  FORTINET_IP,
  FORTINET_URL,
  PAN_DOMAIN,
  PAN_IP,
  PAN_URL
} from './feeds/firewall.ts'
import { HAPROXY_HOST, HAPROXY_IP } from './feeds/haproxy.ts'
import { IPSET } from './feeds/ipset.ts'
import { JSON_FEED } from './feeds/json.ts'
import { LIST } from './feeds/list.ts'
import { MAILBOX_DOVEADM, MAILBOX_EXCHANGE, MAILBOX_SEARCH } from './feeds/mailbox.ts'
import { CLAMAV, YARA } from './feeds/malware.ts'
import { MISP } from './feeds/misp.ts'
import { NFTABLES } from './feeds/nftables.ts'
import { POSTFIX_ACCESS, POSTFIX_BODY, POSTFIX_CIDR, POSTFIX_HEADER } from './feeds/postfix.ts'
import { RPZ } from './feeds/rpz.ts'
import { RSPAMD_FROM, RSPAMD_HASH, RSPAMD_HOST, RSPAMD_IP, RSPAMD_URL } from './feeds/rspamd.ts'
import { SIGMA, SURICATA_CARRIED, YARA_RULES } from './feeds/rules.ts'
import { SPAMASSASSIN, SPAMASSASSIN_RULES } from './feeds/spamassassin.ts'
import { SQUID } from './feeds/squid.ts'
import { STIX } from './feeds/stix.ts'
import {
  SURICATA_DOMAIN,
  SURICATA_IP,
  SURICATA_IPREP,
  SURICATA_MD5,
  SURICATA_RULES,
  SURICATA_SHA1,
  SURICATA_SHA256
} from './feeds/suricata.ts'
import { ZEEK } from './feeds/zeek.ts'

/** One row a feed, in the order in which they are shown. */
const ROWS = {
  list: LIST,
  rpz: RPZ,
  csv: CSV,
  json: JSON_FEED,
  stix: STIX,
  misp: MISP,
  'rspamd-host': RSPAMD_HOST,
  'rspamd-url': RSPAMD_URL,
  'rspamd-ip': RSPAMD_IP,
  'rspamd-from': RSPAMD_FROM,
  'rspamd-hash': RSPAMD_HASH,
  'postfix-access': POSTFIX_ACCESS,
  'postfix-cidr': POSTFIX_CIDR,
  'postfix-header': POSTFIX_HEADER,
  'postfix-body': POSTFIX_BODY,
  spamassassin: SPAMASSASSIN,
  'spamassassin-rules': SPAMASSASSIN_RULES,
  'mailbox-search': MAILBOX_SEARCH,
  'mailbox-doveadm': MAILBOX_DOVEADM,
  'mailbox-exchange': MAILBOX_EXCHANGE,
  'pan-ip': PAN_IP,
  'pan-domain': PAN_DOMAIN,
  'pan-url': PAN_URL,
  'fortinet-ip': FORTINET_IP,
  'fortinet-domain': FORTINET_DOMAIN,
  'fortinet-url': FORTINET_URL,
  'fortinet-hash': FORTINET_HASH,
  squid: SQUID,
  'haproxy-host': HAPROXY_HOST,
  'haproxy-ip': HAPROXY_IP,
  nftables: NFTABLES,
  ipset: IPSET,
  'suricata-rules': SURICATA_RULES,
  'suricata-domain': SURICATA_DOMAIN,
  'suricata-ip': SURICATA_IP,
  'suricata-iprep': SURICATA_IPREP,
  'suricata-md5': SURICATA_MD5,
  'suricata-sha1': SURICATA_SHA1,
  'suricata-sha256': SURICATA_SHA256,
  'zeek-intel': ZEEK,
  'yara-hash': YARA,
  'clamav-hash': CLAMAV,
  ecs: ECS,
  kql: KQL,
  sigma: SIGMA,
  yara: YARA_RULES,
  suricata: SURICATA_CARRIED
} satisfies Readonly<Record<string, FeedInfo>>

/** Names of all feeds. */
export type FeedName = keyof typeof ROWS

/** The one table of feeds: CLI, HTTP, documents and tests are driven by it. */
export const FEEDS: Readonly<Record<FeedName, FeedInfo>> = ROWS

/** In the order in which they are shown. */
export const FEED_NAMES = Object.keys(ROWS) as readonly FeedName[]

/** True for the exact name of a feed. */
export function isFeedName(text: string): text is FeedName {
  return Object.hasOwn(ROWS, text)
}
