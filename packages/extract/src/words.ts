/** Words, endings and names that decide what an ambiguous text means. All lower case. */

/** Endings of file names that are no top-level domain. */
const FILE_ONLY =
  '7z ace apk arj asp aspx bak bat bin bz2 cer cfg chm class cmd conf cpl crx csv dat db deb dll dmg doc docm docx dotm dotx elf eml eps exe flv gif gz hlp hta htm html hwp ico img inf ini iso jar jpeg jpg js jse json jsp key lnk log lua lzh mdb mp3 mp4 msc msg msi msix msp ocx odp ods odt ole p12 pcap pcapng pdf pem pfx php phtml png potm ppam ppsm ppsx ppt pptm pptx ps1 psm1 py3 pyc pyd r00 rar reg rpm rtf scf scr sct settingcontent-ms sldm slk sql svg swf sys tar tgz tif tiff tmp txt udf url vb vba vbe vbs vhd vhdx wasm wim wsc wsf wsh xla xlam xll xls xlsb xlsm xlsx xltm xml xps xsl xz yar yaml yml z zst'
/** Endings that are both: taken for a file unless something speaks for a domain. */
const FILE_FIRST = 'cab md mov ps py rs so zip'
/** Endings that are both: taken for a domain unless something speaks for a file. */
const DOMAIN_FIRST = 'ai app com one pl pub sh st'

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '))
export const FILE_ENDINGS = set(FILE_ONLY)
export const FILE_BEFORE_DOMAIN = set(FILE_FIRST)
export const DOMAIN_BEFORE_FILE = set(DOMAIN_FIRST)

/** Products whose names look like files or domains. */
export const PRODUCT_NAMES = set(
  'node.js vue.js next.js nuxt.js react.js angular.js three.js d3.js express.js backbone.js ember.js chart.js asp.net ado.net vb.net ml.net socket.io'
)

/**
 * Two-letter domains that are also the ending of French inclusive writing: 'étudiant.es', 'chercheur.se', 'technicien.ne'.
 * The word before it then has one of the endings below.
 */
export const INCLUSIVE_ENDINGS = set('es se ne ve re')
export const INCLUSIVE_STEM =
  /(?:ant|ent|eur|ien|é|iste|ier|if|al|el|ain|ois|ais|aire|ible|able|ste|in|on|ot|et|ux|nt)$/u

/** Domains that are function words, so that a missing blank after a full stop looks like a name: 'fini.la suite'. */
export const FUNCTION_WORDS = set('et il au ne la je ma sa tu as do')

/** Speaks for a file, a domain, an address; the nearest word before the text decides. */
export const FILE_WORDS =
  /fichiers?|pi[eè]ces? jointes?|\bpj\b|attachments?|attached|\bfiles?\b|archives?|scripts?|documents?|payloads?|droppers?|ex[eé]cutables?|binaires?|binary|macros?|nomm[eé]e?s?|filename|installeurs?|installers?/gi
export const DOMAIN_WORDS =
  /domain(?:e|es|s)?\b|\bndd\b|\bsites?\b|\bh[oô]tes?\b|\bhosts?\b|hostnames?|\bfqdn|\bdns\b|\burls?\b|\bliens?\b|\blinks?\b|h[eé]berg|\bzones?\b|\bc2\b|\bserveurs?\b|\bservers?\b/gi

/** What stands before a number with dots that is no address. */
export const VERSION_BEFORE =
  /(?:(?:^|[^\p{L}\p{N}])(?:v|vers\.|versions?(?:\s\p{L}{3,12})?|releases?|rev|firmware|build|patch(?:\sto)?|correctif|section|clause|chapitre|chapter|§|art|article|oid|paragraphe|annexe|modules?|noyau|kernel|maj|mise à jour|upgraded? (?:from|to)|update)\s{0,2}[.:]?\s{0,2}(?:n°\s?)?(?:[\d.]{1,24}\s{0,2}(?:et|and|[aà]|to|,|ou|or|-)\s{0,2}){0,3}|(?<!_\p{Lu}{3,12}|\bDIREC)\p{L}\/)$/iu

/** What makes hex digits a TLS fingerprint or a certificate rather than a file; the nearest word decides. */
export const HASH_WORDS =
  /\bja3s?\b|\bja4\w?\b|\bjarm\b|x\.?509|\bcert(?:ificat|ificats|ificate|ificates)?\b|thumbprint|\btls\b|\bssl\b|\bmd5\b|\bsha-?(?:1|256|512)\b|fichiers?|\bfiles?\b|\btlsh\b|\bhash(?:es)?\b|condensats?|commit|\bgit\b|revision/gi

/** Public sites that officers cite as references; a link to them is evidence, not malicious. */
export const REFERENCE_SITES: readonly string[] = [
  'abuseipdb.com',
  'abuse.ch',
  'alienvault.com',
  'any.run',
  'attack.mitre.org',
  'censys.io',
  'cert.europa.eu',
  'cert.ssi.gouv.fr',
  'cisa.gov',
  'crt.sh',
  'cve.mitre.org',
  'cve.org',
  'cybermalveillance.gouv.fr',
  'cyber.gouv.fr',
  'first.org',
  'hybrid-analysis.com',
  'joesandbox.com',
  'malpedia.caad.fkie.fraunhofer.de',
  'misp-project.org',
  'nist.gov',
  'phishtank.org',
  'phishing-initiative.fr',
  'renater.fr',
  'shodan.io',
  'signal-spam.fr',
  'ssi.gouv.fr',
  'tria.ge',
  'urlscan.io',
  'virustotal.com'
]

/** Says that numbers with dots are addresses, where they could as well be a version. */
export const ADDRESS_WORDS =
  /(?<![\p{L}\p{N}])(?:ips?|ipv4|adresses?|address(?:es)?|source|src(?:_ip)?|dst|dest(?:_ip)?|hosts?|h[oô]tes?|serveurs?|servers?|c2|client|ban|proxy|relais|relay|rip|scan\p{L}{0,8}|attaqu\p{L}{0,8}|attack\p{L}{0,8})(?![\p{L}\p{N}])/iu

/** Documents: taken for a lure where the text calls them a file or says something bad of them. */
export const OFFICE_ENDINGS = set(
  'doc docx dotx gif jpeg jpg mp3 mp4 odp ods odt pdf png ppsx ppt pptx py rtf svg tif tiff txt xls xlsx xml'
)
/** Settings, journals, source text: of no interest unless the text says something bad of them. */
export const TAME_ENDINGS = set('cfg conf csv dat ini json log md rs sql tmp yaml yml')
export const MALICE_WORDS =
  /pi[eè]ces? jointes?|(?<!\p{L})pj(?!\p{L})|attach|joint(?!ure)|malware|malveill|malici|maliciel|leurre|(?<!fai)lures?(?!\p{L})|dropp|d[ée]pose\p{L}{0,2}(?!\p{L})|payload|infect|virus|trojan|ran[cç]on|ransom|(?<!\p{L})notes?\s?:|phish|hame[cç]on|fraud|arnaque|scam|suspect|suspicious|md5|sha-?(?:1|256|512)|empreinte|hash|ex[eé]cut|webshell|exfil/iu
/** Roots of paths that lead to a file of a machine, rather than to a page of a web server. */
export const LOCAL_PATH =
  /^\/(?:bin|boot|data|dev|etc|home|lib\d*|media|mnt|opt|private|proc|root|run|sbin|srv|storage|sys|tmp|usr|users|var|volumes|system)\//i
