/** Refusals of the command line, and what to do about those of the node; part of TEXTS (catalogue.ts). */
export const REFUSAL_TEXTS = {
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
  'error-option-not-for-draft': [
    'not for a draft of this sort: {options}',
    'pas pour un brouillon de cette sorte : {options}'
  ],
  'error-no-such-sighting': ['the draft holds no sighting of {value}', 'le brouillon n’a pas d’observation de {value}'],
  'error-nothing-left': [
    'nothing would be left of the draft: tocsin draft discard',
    'il ne resterait rien du brouillon : tocsin draft discard'
  ],
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
  'error-feeds-invalid': ['{path}: {reason}', '{path} : {reason}'],
  'error-feed-exists': [
    'a feed of this name keeps a file already: {name}',
    'un flux de ce nom tient déjà un fichier : {name}'
  ],
  'error-feed-not-found': [
    'no feed of this name keeps a file: {name}',
    'aucun flux de ce nom ne tient de fichier : {name}'
  ],
  'advice-feed-exists': ['tocsin feed remove takes it away', 'tocsin feed remove le retire'],
  'advice-feed-not-found': ['tocsin feed list names them', 'tocsin feed list les nomme'],
  'advice-type-needed': ['say which one is meant: --type', 'dire lequel est visé : --type'],
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
