/** What `hunt` says. */
export const HUNT_TEXTS = {
  'hunt-help': [
    'search our own logs for the indicators that this node holds',
    'chercher dans nos journaux les indicateurs que ce nœud détient'
  ],
  'arg-logs': [
    'logs, plain, gzip or zstd; - for standard input',
    'journaux, bruts, gzip ou zstd ; - pour l’entrée standard'
  ],
  'opt-recursive': ['search every file below a folder', 'chercher dans tous les fichiers sous un dossier'],
  'opt-around': [
    'show so many bytes of the line on each side of what was found (0)',
    'montrer autant d’octets de la ligne de chaque côté de la trouvaille (0)'
  ],
  'opt-sight': [
    'report what was found as sightings, after a question',
    'déclarer les trouvailles comme observations, après une question'
  ],
  'hunt-progress': ['{file}: {bytes} searched', '{file} : {bytes} parcourus'],
  'hunt-done': [
    '{found} finds of {indicators} indicators in {logs} logs ({bytes}), out of {hunted} hunted.',
    '{found} trouvailles de {indicators} indicateurs dans {logs} journaux ({bytes}), sur {hunted} recherchés.'
  ],
  'hunt-hint': [
    'Nothing was reported: --sight reports it to those who share the bulletins, --sight --private to their authors alone.',
    'Rien n’a été déclaré : --sight le déclare à ceux qui partagent les signalements, --sight --private à leurs auteurs seuls.'
  ],
  'hunt-sight': [
    'Report {count} sightings to the audiences of their bulletins?',
    'Déclarer {count} observations aux destinataires de leurs signalements ?'
  ],
  'hunt-sight-private': [
    'Report {count} sightings to the authors of their bulletins alone?',
    'Déclarer {count} observations aux seuls auteurs de leurs signalements ?'
  ],
  'hunt-sighted': ['{count} sightings reported.', '{count} observations déclarées.'],
  'hunt-sighted-private': [
    '{count} sightings reported to the authors alone.',
    '{count} observations déclarées aux seuls auteurs.'
  ],
  'col-found': ['Found', 'Trouvé'],
  'error-type-not-hunted': ['logs are not searched for {type}', 'les journaux ne sont pas parcourus pour {type}'],
  'error-log-unreadable': ['{file} cannot be read ({reason})', '{file} est illisible ({reason})'],
  'error-log-is-folder': [
    '{file} is a folder: --recursive searches it',
    '{file} est un dossier : --recursive le parcourt'
  ],
  'error-log-damaged': [
    '{file} is cut off or damaged ({reason}); what was found before stands',
    '{file} est tronqué ou abîmé ({reason}) ; ce qui a été trouvé avant reste vrai'
  ],
  'error-log-encoding': [
    '{file} is in UTF-16, which is not searched: convert it to UTF-8',
    '{file} est en UTF-16, qui n’est pas parcouru : convertissez-le en UTF-8'
  ]
} as const satisfies Readonly<Record<string, readonly [en: string, fr: string]>>
