import { DIGEST_TEXTS } from './catalogue-digest.ts'
import { DRAFT_TEXTS } from './catalogue-drafts.ts'
import { HUNT_TEXTS } from './catalogue-hunt.ts'
import { JOINING_TEXTS } from './catalogue-joining.ts'

/**
 * Every text of the command line, English and French side by side, so that neither can lack a key. `{name}` is filled
 * in. In French a bulletin is a *signalement* and a feed a *flux*; TLP, PAP and codes are spelled alike.
 */
export const TEXTS = {
  ...DIGEST_TEXTS,
  ...DRAFT_TEXTS,
  ...HUNT_TEXTS,
  ...JOINING_TEXTS,

  // The program and its help
  'program-help': [
    'Share indicators of compromise with trusted peers.',
    'Partager des indicateurs de compromission entre pairs de confiance.'
  ],
  'help-usage': ['Usage:', 'Usage :'],
  'help-arguments': ['Arguments:', 'Arguments :'],
  'help-options': ['Options:', 'Options :'],
  'help-commands': ['Commands:', 'Commandes :'],
  'help-help': ['show the help of a command', 'afficher l’aide d’une commande'],
  'see-help': ['(--help shows what the command takes)', '(--help montre ce que prend la commande)'],
  'opt-home': ['home of the node (TOCSIN_HOME, ~/.tocsin)', 'dossier du nœud (TOCSIN_HOME, ~/.tocsin)'],
  'opt-json': [
    'print the result as JSON, as the HTTP API names it',
    'afficher le résultat en JSON, avec les noms de l’API HTTP'
  ],
  'opt-help': ['show this help', 'afficher cette aide'],

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
  'token-uses-help': ['what the client of a token fetched', 'ce que le client d’un jeton a récupéré'],
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
  'a-span': ['A span (90m, 12h, 7d, 2w) is wanted.', 'Il faut une durée (90m, 12h, 7d, 2w).'],

  // Columns and names
  'col-about': ['About', 'Fait suite à'],
  'col-accepted': ['Accepted', 'A accepté'],
  'col-attachment': ['Attachment', 'Pièce jointe'],
  'col-audience': ['Audience', 'Destinataires'],
  'col-author': ['Author', 'Auteur'],
  'col-bulletin': ['Bulletin', 'Signalement'],
  'col-by': ['By', 'Par'],
  'col-candidates': ['Candidates', 'Candidats'],
  'col-circle': ['Circle', 'Cercle'],
  'col-circles': ['Circles', 'Cercles'],
  'col-comment': ['Comment', 'Commentaire'],
  'col-confidence': ['Confidence', 'Confiance'],
  'col-created': ['Created', 'Créé le'],
  'col-domains': ['Domains', 'Domaines'],
  'col-entry': ['Entry', 'Entrée'],
  'col-id': ['ID', 'ID'],
  'col-indicators': ['Indicators', 'Indicateurs'],
  'col-institution': ['Institution', 'Établissement'],
  'col-keep-until': ['Kept until', 'Conservé jusqu’au'],
  'col-labels': ['Labels', 'Marquages'],
  'col-last-used': ['Last used', 'Dernier usage'],
  'col-link': ['Link', 'Liaison'],
  'col-max-tlp': ['Greatest TLP', 'TLP maximal'],
  'col-me': ['This node', 'Ce nœud'],
  'col-media-type': ['Media type', 'Type de média'],
  'col-members': ['Members', 'Membres'],
  'col-missing': ['Vouches missing', 'Garants manquants'],
  'col-name': ['Name', 'Nom'],
  'col-pap': ['PAP', 'PAP'],
  'col-peers': ['Peers', 'Pairs'],
  'col-published': ['Published', 'Publié'],
  'col-rank': ['Rank', 'Rang'],
  'col-asked': ['Asked for', 'Demandé'],
  'col-at': ['At (UTC)', 'À (UTC)'],
  'col-client': ['Client', 'Client'],
  'col-delay': ['After', 'Après'],
  'col-request': ['Request', 'Requête'],
  'col-status': ['Status', 'Statut'],
  'col-recorded': ['Recorded (UTC)', 'Noté (UTC)'],
  'col-what': ['What', 'Quoi'],
  'col-reason': ['Reason', 'Motif'],
  'col-quota': ['Quota', 'Quota'],
  'col-quota-member': ['Member', 'Membre'],
  'col-quota-newcomer': ['Newcomer', 'Arrivant'],
  'col-received': ['Received (UTC)', 'Reçu (UTC)'],
  'col-reference': ['Reference', 'Référence'],
  'col-revoked-by': ['Revoked by', 'Révoqué par'],
  'col-role': ['Role', 'Rôle'],
  'col-format': ['Format', 'Format'],
  'col-file': ['File', 'Fichier'],
  'col-written': ['Written (UTC)', 'Écrit (UTC)'],
  'col-left-out': ['Left out', 'Écartés'],
  'col-looked': ['Looked at (UTC)', 'Examiné (UTC)'],
  'col-types': ['Types', 'Types'],
  'col-rule': ['Rule', 'Règle'],
  'col-scope': ['Scope', 'Portée'],
  'col-score': ['Score', 'Note'],
  'col-seq': ['No.', 'N°'],
  'col-sightings': ['Seen/false/expired', 'Vu/faux/expiré'],
  'col-size': ['Bytes', 'Octets'],
  'col-state': ['State', 'État'],
  'col-stream': ['Stream', 'Flot'],
  'col-struck': ['Struck', 'Exclus'],
  'col-since': ['Since (UTC)', 'Depuis (UTC)'],
  'col-supersedes': ['Supersedes', 'Remplace'],
  'col-tags': ['Tags', 'Étiquettes'],
  'col-threat': ['Threat', 'Menace'],
  'col-threshold': ['Threshold', 'Seuil'],
  'col-title': ['Title', 'Titre'],
  'col-tlp': ['TLP', 'TLP'],
  'col-type': ['Type', 'Type'],
  'col-until': ['Until', 'Jusqu’au'],
  'col-use': ['Use', 'Usage'],
  'col-value': ['Value', 'Valeur'],
  'col-verdict': ['Verdict', 'Verdict'],
  'col-via': ['Via', 'Via'],
  'col-vouched-by': ['Vouched by', 'Garants'],
  'col-where': ['Where', 'Où'],
  addresses: ['Addresses', 'Adresses'],
  alarm: ['ALARM', 'ALARME'],
  attachment: ['attachment', 'pièce jointe'],
  bulletins: ['Bulletins', 'Signalements'],
  defaults: ['Defaults', 'Valeurs par défaut'],
  'erasure-delay': ['Erasure delay', 'Délai d’effacement'],
  amber: ['TLP:AMBER', 'TLP:AMBER'],
  'amber-flows': [
    'flows from here ({heard} others heard of within seven days, {needed} needed)',
    'part d’ici ({heard} autres entendus depuis sept jours, {needed} nécessaires)'
  ],
  'amber-stale': [
    'stopped here: {heard} others heard of within seven days, {needed} needed. Silent: {silent}. Link to one of them.',
    'arrêté ici : {heard} autres entendus depuis sept jours, {needed} nécessaires. Silencieux : {silent}. Reliez-vous à l’un d’eux.'
  ],
  'amber-behind': [
    'stopped here: members name a revocation that this node does not hold. Link to another member.',
    'arrêté ici : des membres citent une révocation que ce nœud n’a pas. Reliez-vous à un autre membre.'
  ],
  evidence: ['Evidence', 'Preuves'],
  'no-uses': ['Nothing fetched.', 'Rien de récupéré.'],
  'token-client': [
    'For the client {client}, until {until}; what it fetches is kept: tocsin token uses.',
    'Pour le client {client}, jusqu’au {until} ; ce qu’il récupère est conservé : tocsin token uses.'
  ],
  'no-evidence': ['No evidence: nobody broke a rule here.', 'Aucune preuve : personne n’a enfreint de règle ici.'],
  'evidence-exported': [
    '{file}: evidence against {name}. Anybody checks it with: tocsin evidence verify FILE',
    '{file} : preuve contre {name}. Chacun la vérifie avec : tocsin evidence verify FICHIER'
  ],
  'offence-misforward': ['handed on beyond the audience', 'transmis hors de l’audience'],
  'offence-fork-entry': ['two entries for one place', 'deux entrées pour une place'],
  'offence-fork-stream': ['two streams that continue one', 'deux flots qui en continuent un'],
  'offence-fork-register': ['two statements of one number', 'deux déclarations d’un même numéro'],
  'offence-disowned': ['entry cut off by its own root key', 'entrée retranchée par sa propre clé racine'],
  'offence-foreign-entry': ['entry by our key, not of this store', 'entrée de notre clé, pas de ce stockage'],
  missing: ['Missing', 'Manquent'],
  unconfirmed: ['Unconfirmed', 'Non confirmés'],
  'receipts-of-ours': ['Reached {reached} of {expected}', 'Atteints : {reached} sur {expected}'],
  'receipts-of-others': ['Held by {reached} that say so', 'Détenu par {reached} qui le disent'],
  'receipts-median': ['median {median}', 'médiane {median}'],
  'way-unknown': ['(by a way that only its author knows)', '(par un chemin que seul son auteur connaît)'],
  'way-broken': ['(by a way that does not lead back to us)', '(par un chemin qui ne remonte pas jusqu’à nous)'],
  here: ['here', 'ici'],
  never: ['never', 'jamais'],
  no: ['no', 'non'],
  yes: ['yes', 'oui'],
  // The keys are the same in both languages.
  'yes-no-keys': ['(y/n)', '(y : oui, n : non)'],
  nobody: ['nobody', 'personne'],
  ready: ['ready', 'prêt'],
  signing: ['Signing', 'Signature'],
  started: ['Started', 'Démarré'],
  streams: ['Streams', 'Flots'],
  version: ['Version', 'Version'],
  warning: ['Warning:', 'Attention :'],
  'standing-member': ['member', 'membre'],
  'standing-founder': ['founder', 'fondateur'],
  'standing-candidate': ['candidate', 'candidat'],
  'standing-none': ['not in it', 'pas dedans'],
  'event-bulletin': ['new', 'nouveau'],
  'event-retraction': ['retracted', 'retiré'],
  'event-disabling': ['disabled', 'désactivé'],
  'event-sighting': ['sighting', 'observation'],

  // Introductions and circles
  'card-number': [
    'Number to read aloud on the telephone: {number}',
    'Numéro à lire à voix haute au téléphone : {number}'
  ],
  'peer-added': ['{name} is a peer now ({id}).', '{name} est maintenant un pair ({id}).'],
  'peer-removed': ['{name} is no peer any more.', '{name} n’est plus un pair.'],
  'no-peers': ['No peers yet: tocsin join FILE.', 'Pas encore de pairs : tocsin join FICHIER.'],
  'linked-since': ['linked since {time}', 'reliés depuis {time}'],
  'not-linked': ['not linked', 'pas de liaison'],
  'circle-founder': ['Founder: {name} ({id})', 'Fondateur : {name} ({id})'],
  'circle-created': ['Circle {name} is founded: {id}', 'Le cercle {name} est fondé : {id}'],
  'circle-accepted': ['Accepted to be in {name}.', 'Accepté d’être dans {name}.'],
  'rank-newcomer': ['{rank} (newcomer until {day})', '{rank} (arrivant jusqu’au {day})'],
  'quota-newcomers': [
    'Newcomers, members by vouches for less than {days} days, have {percent} %. Quotas delay, nothing is lost.',
    'Les arrivants, membres par garantie depuis moins de {days} jours, en ont {percent} %. Un quota retarde, rien ne se perd.'
  ],
  'no-circles': ['No circle is known here.', 'Aucun cercle n’est connu ici.'],
  vouched: ['Vouched for {name} in {circle}.', 'Garant de {name} dans {circle}.'],
  revoked: ['Revoked {name} in {circle}.', 'Révoqué {name} dans {circle}.'],
  prepared: ['To be signed: tocsin sign {file} --out FILE', 'À signer : tocsin sign {file} --out FICHIER'],
  'will-sign': ['The root key will sign:', 'La clé racine va signer :'],
  'would-fall': ['Would leave the roster:', 'Quitteraient la liste des membres :'],
  'would-change-nothing': [
    'Nobody leaves the roster by this alone: others have to sign the same.',
    'Personne ne quitte la liste par cette seule signature : d’autres doivent signer de même.'
  ],
  'would-return': ['Would return to the roster:', 'Reviendraient dans la liste des membres :'],
  'sign-question': ['Sign with the root key?', 'Signer avec la clé racine ?'],

  // Publishing
  'left-out': ['Left out, and not published:', 'Écarté, et non publié :'],
  'not-attached': ['not attached; --attach FILE attaches one', 'non jointe ; --attach FICHIER en joint une'],
  'by-default': ['(by default)', '(par défaut)'],
  'refused-lines': ['{count} line(s) refused:', '{count} ligne(s) refusée(s) :'],
  'reached-directly': ['Reached directly', 'Atteints directement'],
  'reached-by-relay': ['Reached by relay', 'Atteints par relais'],
  'not-reached': ['Not reached', 'Non atteints'],
  'opens-to': [
    'Whoever {circles} admits before it is erased will see it too.',
    'Quiconque {circles} admet avant son effacement le verra aussi.'
  ],
  'publish-question': ['Sign and publish this?', 'Signer et publier ceci ?'],
  'publish-question-without': [
    'Sign and publish this without the {count} refused line(s)?',
    'Signer et publier ceci sans les {count} ligne(s) refusée(s) ?'
  ],
  published: ['Published {id}: {title}', 'Publié {id} : {title}'],
  offer: [
    '{count} account(s) belong to {name}, who alone should learn of them. To send them as TLP:RED:',
    '{count} compte(s) relèvent de {name}, seul à devoir le savoir. Pour les envoyer en TLP:RED :'
  ],
  'offer-title': ['Accounts of your institution', 'Comptes de votre établissement'],

  // Finding
  'nothing-found': ['Nothing found.', 'Rien trouvé.'],
  'nothing-new': ['Nothing new.', 'Rien de nouveau.'],
  'more-found': [
    'The first {shown} are shown; narrow the search, or raise --limit.',
    'Les {shown} premiers sont montrés ; précisez la recherche, ou augmentez --limit.'
  ],
  'lookup-known': ['{known} of {all} values are known here.', '{known} valeurs sur {all} sont connues ici.'],
  'lookup-unread': ['Of no known type: {value}', 'D’aucun type connu : {value}'],
  following: ['Following; Ctrl-C ends.', 'En direct ; Ctrl-C pour finir.'],
  'connection-lost': [
    'The connection is lost; next try in {seconds} s.',
    'Connexion perdue ; nouvel essai dans {seconds} s.'
  ],
  'no-circle': ['no circle named', 'sans cercle désigné'],

  // Correcting
  retracted: ['Retracted', 'Retiré'],
  'retracted-at': ['{at}: {reason}; erased from {erases}', '{at} : {reason} ; effacé à partir du {erases}'],
  'retracted-done': [
    'Retracted, and erased after the delay: {title} ({id})',
    'Retiré, et effacé après le délai : {title} ({id})'
  ],
  'retracted-erased': ['Retracted and erased: {title} ({id})', 'Retiré et effacé : {title} ({id})'],
  'erase-now-warning': [
    '“{title}” will be erased at every node at once. This cannot be undone.',
    '« {title} » sera effacé partout aussitôt. C’est irréversible.'
  ],
  'disabled-done': [
    '{count} value(s) are out of use: {title} ({id})',
    '{count} valeur(s) désactivée(s) : {title} ({id})'
  ],
  'sighting-question': [
    'Several bulletins hold this value. Which one is meant?',
    'Plusieurs signalements contiennent cette valeur. Lequel est visé ?'
  ],
  'sighting-added': ['Reported ({kind}) to the audience of {id}:', 'Déclaré ({kind}) aux destinataires de {id} :'],
  'sighting-added-privately': ['Told ({kind}) to the author of {id} alone:', 'Dit ({kind}) à l’auteur de {id} seul :'],
  'count-told': [
    '{contributors} institution(s) told us alone that they saw it ({id}). Nothing was published.',
    '{contributors} établissement(s) nous ont dit, à nous seuls, l’avoir vu ({id}). Rien n’a été publié.'
  ],
  'count-published': [
    'Published, without names: {contributors} institutions told us alone that they saw it ({id}).',
    'Publié, sans noms : {contributors} établissements nous ont dit, à nous seuls, l’avoir vu ({id}).'
  ],
  'count-before': ['Published before: {counts}', 'Déjà publié : {counts}'],
  'count-refused': [
    'It would be refused ({code}): fewer than {least} could be guessed.',
    'Ce serait refusé ({code}) : à moins de {least}, on pourrait deviner qui.'
  ],
  'no-exceptions': ['No exceptions.', 'Aucune exception.'],
  excepted: ['Never blocked here: {value} ({type})', 'Jamais bloqué ici : {value} ({type})'],
  'exception-removed': ['No exception any more: {value}', 'Plus d’exception : {value}'],

  // Feeds, tokens, status
  'feed-written': ['Written: {file}', 'Écrit : {file}'],
  'feed-same': ['Unchanged: {file}', 'Inchangé : {file}'],
  'feed-serial': ['Serial {serial}', 'Numéro de série {serial}'],
  'nothing-refused': ['Nothing is left out.', 'Rien n’est écarté.'],
  'token-created': [
    'Token {id} “{name}”: {scope}, up to {tlp}, for {use}.',
    'Jeton {id} « {name} » : {scope}, jusqu’à {tlp}, pour {use}.'
  ],
  'token-once': [
    'The secret above is shown this once; the node keeps its hash.',
    'Le secret ci-dessus n’est montré que cette fois ; le nœud garde son empreinte.'
  ],
  'token-revoked': ['Token {id} is revoked.', 'Le jeton {id} est révoqué.'],
  'peers-linked': ['{linked} of {all} linked', '{linked} sur {all} reliés'],

  // Refusals of the command line, and what to do about those of the node
  bug: [
    'this is a mistake of Tocsin’s; please report it with the lines below',
    'c’est une erreur de Tocsin ; merci de la signaler avec les lignes suivantes'
  ],
  'error-needs-confirmation': [
    'there is no terminal to ask at: add --yes',
    'pas de terminal pour demander : ajoutez --yes'
  ],
  'error-not-confirmed': ['not confirmed, nothing was done', 'non confirmé, rien n’a été fait'],
  'error-no-token': ['there is no token for the node', 'il n’y a pas de jeton pour le nœud'],
  'error-node-unreachable': ['nothing answers at {url} ({reason})', 'rien ne répond à {url} ({reason})'],
  'error-node-answer-unreadable': [
    'what answers at {url} is no Tocsin node',
    'ce qui répond à {url} n’est pas un nœud Tocsin'
  ],
  'error-no-root-key': [
    'this is signed by the root key, which is not here',
    'ceci est signé par la clé racine, qui n’est pas ici'
  ],
  'error-file-unreadable': ['cannot read {file} ({reason})', 'impossible de lire {file} ({reason})'],
  'error-file-unwritable': ['cannot write {file} ({reason})', 'impossible d’écrire {file} ({reason})'],
  'error-draft-unreadable': ['the draft is not JSON', 'le brouillon n’est pas du JSON'],
  'error-editor-failed': ['the editor {editor} failed ({reason})', 'l’éditeur {editor} a échoué ({reason})'],
  'error-recipients-need-red': [
    '--to means TLP:RED and goes with no other TLP',
    '--to signifie TLP:RED et ne va avec aucun autre TLP'
  ],
  'error-refused-lines': [
    'lines of the draft were refused; nothing was published',
    'des lignes du brouillon ont été refusées ; rien n’a été publié'
  ],
  'error-no-such-evidence': ['no evidence of this id is kept here', 'aucune preuve de cet identifiant ici'],
  'error-evidence-ambiguous': [
    'several pieces of evidence begin with {id}: give more of it',
    'plusieurs preuves commencent par {id} : donnez-en davantage'
  ],
  'error-evidence-without-card': [
    'the card of the accused is not held here, so nobody could verify the export',
    'la carte de l’accusé n’est pas ici, personne ne pourrait vérifier l’export'
  ],
  'error-bulletin-needed': ['several bulletins hold this value', 'plusieurs signalements contiennent cette valeur'],
  'advice-needs-confirmation': [
    'add --yes (or look first: --dry-run)',
    'ajoutez --yes (ou regardez d’abord : --dry-run)'
  ],
  'advice-no-token': [
    'set TOCSIN_TOKEN, or name the home of the node with --home',
    'définissez TOCSIN_TOKEN, ou nommez le dossier du nœud avec --home'
  ],
  'advice-node-unreachable': ['is `tocsin run` running?', 'est-ce que `tocsin run` tourne ?'],
  'advice-node-answer-unreadable': [
    'check TOCSIN_URL and the api section of config.toml',
    'vérifiez TOCSIN_URL et la section api de config.toml'
  ],
  'advice-no-root-key': [
    'run the command on the machine that has the root key',
    'lancez la commande sur la machine qui a la clé racine'
  ],
  'advice-bulletin-needed': ['name one with --bulletin', 'désignez-en un avec --bulletin'],
  'advice-refused-lines': [
    'correct the lines, or publish at a terminal to leave them out',
    'corrigez les lignes, ou publiez dans un terminal pour les écarter'
  ],
  'advice-editor-failed': ['set EDITOR to your editor', 'définissez EDITOR avec votre éditeur'],
  'advice-unauthenticated': [
    'the token is unknown or revoked: check TOCSIN_TOKEN or the admin-token of the home',
    'le jeton est inconnu ou révoqué : vérifiez TOCSIN_TOKEN ou l’admin-token du dossier'
  ],
  'advice-forbidden-scope': ['this needs a token of scope {needs}', 'il faut un jeton de portée {needs}'],
  'advice-not-found': [
    'tocsin search finds ids; what your token may not see is not found either',
    'tocsin search trouve les identifiants ; ce que votre jeton ne peut voir n’est pas trouvé non plus'
  ],
  'advice-ambiguous-id': ['give more characters of the id', 'donnez plus de caractères de l’identifiant'],
  'advice-ambiguous-institution': [
    'name the institution by its id (tocsin peer list)',
    'désignez l’établissement par son identifiant (tocsin peer list)'
  ],
  'advice-unknown-institution': [
    'tocsin peer list and tocsin circle show name the institutions',
    'tocsin peer list et tocsin circle show nomment les établissements'
  ],
  'advice-unknown-circle': ['tocsin circle list names the circles', 'tocsin circle list nomme les cercles'],
  'advice-circle-needed': [
    'name a circle with --circle (tocsin circle list)',
    'désignez un cercle avec --circle (tocsin circle list)'
  ],
  'advice-several-bulletins': ['name one with --bulletin', 'désignez-en un avec --bulletin'],
  'advice-not-ready': ['the node is starting; tocsin status says why', 'le nœud démarre ; tocsin status dit pourquoi'],
  'advice-too-many-failed-authentications': [
    'wait a minute and check the token',
    'attendez une minute et vérifiez le jeton'
  ],
  'advice-store-locked': [
    'tocsin status asks the node that is running already',
    'tocsin status interroge le nœud qui tourne déjà'
  ],
  'advice-store-damaged': [
    'move the store folder of the home aside and put a backup in its place, or start without: then add your peers again, and they send what they hold',
    'écartez le sous-dossier store et remettez une sauvegarde à sa place, ou démarrez sans : ajoutez alors de nouveau vos pairs, qui renvoient ce qu’ils ont'
  ],
  'advice-internal': ['the log of tocsin run says where', 'le journal de tocsin run dit où']
} as const satisfies Readonly<Record<string, readonly [en: string, fr: string]>>

/** A key of the catalogue. */
export type TextKey = keyof typeof TEXTS
