/** What `--help` says of commands, arguments and options; part of TEXTS (catalogue.ts). */
export const HELP_TEXTS = {
  // Commands
  'card-help': ['my card as one text block, to be mailed', 'ma carte en un bloc de texte, à envoyer par courriel'],
  'peer-help': [
    'the institutions that may connect to this node',
    'les établissements qui peuvent se connecter à ce nœud'
  ],
  'peer-list-help': ['list the peers and their links', 'lister les pairs et leurs liaisons'],
  'peer-remove-help': ['remove a peer; its connection ends at once', 'retirer un pair ; sa connexion cesse aussitôt'],
  'circle-help': ['circles and who is in them', 'les cercles et leurs membres'],
  'circle-create-help': ['found a circle and join it', 'fonder un cercle et le rejoindre'],
  'circle-accept-help': ['accept to be in a circle', 'accepter d’être dans un cercle'],
  'circle-list-help': ['list the circles known here', 'lister les cercles connus ici'],
  'circle-show-help': [
    'show members, candidates and struck of a circle',
    'montrer membres, candidats et exclus d’un cercle'
  ],
  'vouch-help': ['vouch for an institution in a circle', 'se porter garant d’un établissement dans un cercle'],
  'revoke-help': ['call for an institution to leave a circle', 'demander la sortie d’un établissement d’un cercle'],
  'publish-help': [
    'publish a draft, a message or a mail as a bulletin',
    'publier un brouillon, un message ou un courriel comme signalement'
  ],
  'audience-help': ['who would hold a bulletin of these labels', 'qui détiendrait un signalement de ces marquages'],
  'search-help': [
    'search bulletins by text, or indicators by value',
    'chercher des signalements par texte, ou des indicateurs par valeur'
  ],
  'lookup-help': ['look many values up at once, one a line', 'chercher beaucoup de valeurs à la fois, une par ligne'],
  'follow-help': ['show what arrives, live, until Ctrl-C', 'montrer en direct ce qui arrive, jusqu’à Ctrl-C'],
  'show-help': ['show one bulletin whole', 'montrer un signalement en entier'],
  'receipts-help': [
    'who says that it holds a bulletin, since when, and who is missing',
    'qui dit détenir un signalement, depuis quand, et qui manque'
  ],
  'trace-hop': [
    'Handed to us by {by} on {time}, which it signed (hop proof in --json).',
    'Remis à nous par {by} le {time}, ce qu’il a signé (preuve de passage dans --json).'
  ],
  'trace-help': [
    'draw the way that a bulletin took, from institution to institution',
    'dessiner le chemin d’un signalement, d’établissement en établissement'
  ],
  'retract-help': [
    'take a bulletin of ours out of use, and erase it after the delay',
    'retirer un de nos signalements, et l’effacer après le délai'
  ],
  'disable-help': [
    'take single indicators of a bulletin of ours out of use',
    'désactiver certains indicateurs d’un de nos signalements'
  ],
  'sighting-help': ['what was seen of an indicator here', 'ce qui a été vu d’un indicateur ici'],
  'sighting-add-help': [
    'report a sighting, a false positive or an expiration',
    'déclarer une observation, un faux positif ou une expiration'
  ],
  'sighting-count-help': [
    'publish how many institutions told us alone that they saw it',
    'publier combien d’établissements nous ont dit, à nous seuls, l’avoir vu'
  ],
  'except-help': [
    'never block a value here, effective at once',
    'ne jamais bloquer une valeur ici, avec effet immédiat'
  ],
  'except-list-help': ['list the exceptions', 'lister les exceptions'],
  'except-remove-help': ['end an exception', 'mettre fin à une exception'],
  'feed-help': ['feeds for tools', 'les flux pour les outils'],
  'feed-status-help': ['how the files stand that the node keeps', 'l’état des fichiers que tient le nœud'],
  'feed-waiting': ['not looked at yet', 'pas encore examiné'],
  'feed-current': ['current', 'à jour'],
  'feed-failed': ['failed', 'échec'],
  'no-file-feed': ['The node keeps no file.', 'Le nœud ne tient aucun fichier.'],
  'feed-formats-help': ['list the formats of feeds', 'lister les formats de flux'],
  'export-help': ['write a feed for a tool', 'écrire un flux pour un outil'],
  'token-help': ['tokens for tools and people', 'jetons pour outils et personnes'],
  'token-create-help': [
    'make a token; its secret is shown this once',
    'créer un jeton ; son secret n’est montré que cette fois'
  ],
  'token-list-help': ['list the tokens, without their secrets', 'lister les jetons, sans leurs secrets'],
  'help-choices': ['one of {words}', 'au choix {words}'],
  'help-default': ['{word} unless given', '{word} par défaut'],
  'token-uses-help': [
    'what clients fetched, and who changed what of this node',
    'ce que les clients ont récupéré, et qui a changé quoi sur ce nœud'
  ],
  'arg-token-uses': ['name or id of the token; all of them if none', 'nom ou identifiant du jeton ; tous sinon'],
  'evidence-help': ['who broke a rule, with proof', 'qui a enfreint une règle, preuve à l’appui'],
  'evidence-list-help': ['list the evidence kept here', 'lister les preuves conservées ici'],
  'evidence-export-help': [
    'write evidence as a file that anybody can verify',
    'écrire une preuve dans un fichier que chacun peut vérifier'
  ],
  'token-revoke-help': ['revoke a token, effective at once', 'révoquer un jeton, avec effet immédiat'],
  'status-help': ['the state of this node', 'l’état de ce nœud'],

  // Arguments
  'arg-circle': ['name or id of the circle', 'nom ou identifiant du cercle'],
  'arg-circle-name': ['name of the new circle', 'nom du nouveau cercle'],
  'arg-institution': ['id, name or domain of the institution', 'identifiant, nom ou domaine de l’établissement'],
  'arg-draft': [
    '.json draft, .txt message, .eml mail, - for standard input',
    'brouillon .json, message .txt, courriel .eml, - pour l’entrée standard'
  ],
  'arg-what': ['a value in any defanging, or words', 'une valeur, désarmée ou non, ou des mots'],
  'arg-values': [
    'file of values, one a line, - for standard input',
    'fichier de valeurs, une par ligne, - pour l’entrée standard'
  ],
  'arg-id': [
    'id of a bulletin or entry, or a unique prefix of it',
    'identifiant d’un signalement ou d’une entrée, ou un préfixe unique'
  ],
  'arg-value': ['a value in any defanging', 'une valeur, désarmée ou non'],
  'arg-disabled': ['values to take out of use', 'valeurs à désactiver'],
  'arg-feed': ['format of the feed, see tocsin feed formats', 'format du flux, voir tocsin feed formats'],
  'arg-evidence': ['id of the evidence, or its beginning', 'identifiant de la preuve, ou son début'],
  'arg-token': ['id of the token', 'identifiant du jeton'],

  // Options
  'opt-prepare': ['write what is to be signed elsewhere', 'écrire ce qui sera signé ailleurs'],
  'opt-yes': ['answer the question with yes beforehand', 'répondre oui d’avance à la question'],
  'publish-yes': ['publish without asking', 'publier sans demander'],
  'opt-quota': [
    'what one author or peer may hand in (entriesADay=4096, bytesADay=64MiB …); can be repeated',
    'ce qu’un auteur ou un pair peut apporter (entriesADay=4096, bytesADay=64MiB …) ; répétable'
  ],
  'opt-threshold': ['how many members have to vouch', 'combien de membres doivent se porter garants'],
  'opt-founder': ['card of another founder; can be repeated', 'carte d’un autre fondateur ; répétable'],
  'opt-circle': ['name or id of the circle', 'nom ou identifiant du cercle'],
  'opt-how': ['how the institution was checked', 'comment l’établissement a été vérifié'],
  'reason-missing': [
    "error: required option '--reason <text>' not specified",
    "erreur : l’option '--reason <text>' est requise"
  ],
  'opt-reason': ['the reason, which others read', 'le motif, que les autres liront'],
  'opt-tlp': [
    'who may hold it: CLEAR, GREEN, AMBER, AMBER+STRICT, RED',
    'qui peut le détenir : CLEAR, GREEN, AMBER, AMBER+STRICT, RED'
  ],
  'opt-pap': [
    'what may be done with it: CLEAR, GREEN, AMBER, RED',
    'ce qu’on peut en faire : CLEAR, GREEN, AMBER, RED'
  ],
  'opt-to': ['recipient, as TLP:RED; can be repeated', 'destinataire, en TLP:RED ; répétable'],
  'opt-threat': ['threat class', 'classe de menace'],
  'opt-title': ['title of the bulletin', 'titre du signalement'],
  'opt-confidence': ['0 to 100', '0 à 100'],
  'opt-reference': [
    'what a public site says of it (with a query in the URL: url==verdict); can be repeated',
    'ce qu’en dit un site public (si l’URL a une requête : url==verdict) ; répétable'
  ],
  'opt-attach': ['attach a file, at most 8 MiB; can be repeated', 'joindre un fichier, 8 Mio au plus ; répétable'],
  'opt-drop': ['leave a value out; can be repeated', 'écarter une valeur ; répétable'],
  'opt-context': [
    'a value that is context, never to be blocked; can be repeated',
    'une valeur de contexte, à ne jamais bloquer ; répétable'
  ],
  'opt-about': [
    'bulletin that this one follows up; can be repeated',
    'signalement auquel celui-ci fait suite ; répétable'
  ],
  'opt-supersedes': ['bulletin of ours that this one replaces', 'notre signalement que celui-ci remplace'],
  'opt-keep-until': [
    'date or span (30d) after which every node erases it',
    'date ou durée (30d) après laquelle chaque nœud l’efface'
  ],
  'opt-edit': ['open the draft in $EDITOR first', 'ouvrir d’abord le brouillon dans $EDITOR'],
  'opt-dry-run': ['only show what would be published', 'montrer seulement ce qui serait publié'],
  'opt-type': ['type of indicator', 'type d’indicateur'],
  'opt-types': [
    'types of indicator, with commas; can be repeated',
    'types d’indicateur, séparés par des virgules ; répétable'
  ],
  'opt-author': ['id, name or domain of the author', 'identifiant, nom ou domaine de l’auteur'],
  'opt-since': ['arrived since a date or within a span (7d, 12h)', 'arrivés depuis une date ou une durée (7d, 12h)'],
  'opt-limit': ['at most so many (100)', 'au plus autant (100)'],
  'opt-new': [
    'only what arrived since the last --new of this search in this home',
    'seulement ce qui est arrivé depuis le dernier --new de cette recherche ici'
  ],
  'opt-erase-now': ['erase without the delay; signed by the root key', 'effacer sans délai ; signé par la clé racine'],
  'opt-kind': ['what is reported', 'ce qui est déclaré'],
  'opt-bulletin': [
    'the bulletin that is meant, where several hold the value',
    'le signalement visé, si plusieurs contiennent la valeur'
  ],
  'opt-count': ['how often it was seen (1)', 'combien de fois c’est arrivé (1)'],
  'opt-at': ['when: a date or a span ago (2h)', 'quand : une date ou il y a une durée (2h)'],
  'opt-private': [
    'tell the author of the bulletin alone, not the circle',
    'le dire à l’auteur du signalement seul, pas au cercle'
  ],
  'opt-least': ['least institutions of a count (3)', 'nombre minimal d’établissements d’un décompte (3)'],
  'opt-count-dry-run': ['only show what would be published', 'seulement montrer ce qui serait publié'],
  'opt-until': ['date or span (30d) at which the exception ends', 'date ou durée (30d) de fin de l’exception'],
  'opt-use': [
    'what the tool does; decides by PAP what it gets',
    'ce que fait l’outil ; décide selon le PAP ce qu’il reçoit'
  ],
  'opt-min-confidence': ['least confidence, 0 to 100', 'confiance minimale, 0 à 100'],
  'opt-max-age': ['only what arrived within this span (30d)', 'seulement ce qui est arrivé dans cette durée (30d)'],
  'opt-zone': ['name of the zone, for rpz', 'nom de la zone, pour rpz'],
  'opt-client': [
    'organisation outside the community that the token serves',
    'organisation hors de la communauté que le jeton sert'
  ],
  'opt-expires': ['when the token expires (a client: 90d)', 'fin de validité du jeton (un client : 90d)'],
  'opt-evidence-to': ['write to this file', 'écrire dans ce fichier'],
  'opt-to-file': ['replace a file atomically, only on change', 'remplacer un fichier d’un bloc, seulement s’il change'],
  'opt-no-comments': [
    'leave out the comments that trace the lines',
    'omettre les commentaires qui retracent les lignes'
  ],
  'opt-limit-best': ['at most so many values, the best kept', 'au plus tant de valeurs, les meilleures gardées'],
  'opt-refused': ['list what the feed leaves out, with the rule', 'lister ce que le flux écarte, avec la règle'],
  'opt-token-name': ['what the token is for', 'à quoi sert le jeton'],
  'opt-scope': ['read: tools; publish: officers; admin: everything', 'read : outils ; publish : RSSI ; admin : tout'],
  'opt-max-tlp': ['greatest TLP it sees (read: AMBER, else RED)', 'TLP maximal qu’il voit (read : AMBER, sinon RED)'],
  'opt-token-use': ['use class (read: block, else hunt)', 'classe d’usage (read : block, sinon hunt)'],
  'a-moment': [
    'A date (2026-11-24), a time (2026-11-24T09:00Z) or a span (90m, 12h, 7d, 2w) is wanted.',
    'Il faut une date (2026-11-24), une heure (2026-11-24T09:00Z) ou une durée (90m, 12h, 7d, 2w).'
  ],
  'a-span': ['A span (90m, 12h, 7d, 2w) is wanted.', 'Il faut une durée (90m, 12h, 7d, 2w).']
} as const satisfies Readonly<Record<string, readonly [en: string, fr: string]>>
