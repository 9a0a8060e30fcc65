import { DIGEST_TEXTS } from './catalogue-digest.ts'
import { DRAFT_TEXTS } from './catalogue-drafts.ts'
import { HELP_TEXTS } from './catalogue-help.ts'
import { HUNT_TEXTS } from './catalogue-hunt.ts'
import { JOINING_TEXTS } from './catalogue-joining.ts'
import { REFUSAL_TEXTS } from './catalogue-refusals.ts'

/**
 * Every text of the command line, English and French side by side, so that neither can lack a key. `{name}` is filled
 * in. In French a bulletin is a *signalement* and a feed a *flux*; TLP, PAP and codes are spelled alike.
 */
export const TEXTS = {
  ...DIGEST_TEXTS,
  ...DRAFT_TEXTS,
  ...HELP_TEXTS,
  ...HUNT_TEXTS,
  ...JOINING_TEXTS,
  ...REFUSAL_TEXTS,

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
  'no-uses': ['Nothing on record.', 'Rien d’enregistré.'],
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
  'peers-linked': ['{linked} of {all} linked', '{linked} sur {all} reliés']
} as const satisfies Readonly<Record<string, readonly [en: string, fr: string]>>

/** A key of the catalogue. */
export type TextKey = keyof typeof TEXTS
