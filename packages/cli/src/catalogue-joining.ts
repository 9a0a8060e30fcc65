/** Texts of introductions, domain checks and vouches; part of TEXTS (catalogue.ts). */
export const JOINING_TEXTS = {
  'opt-number': ['only the number that we read aloud', 'seulement le numéro à lire à voix haute'],
  'opt-records': [
    'the records and the file by which our domains can confirm the card',
    'les enregistrements et le fichier par lesquels nos domaines confirment la carte'
  ],
  'invite-help': [
    'our card with instructions, as one text to mail to a stranger',
    'notre carte avec le mode d’emploi, en un texte à envoyer à un inconnu'
  ],
  'opt-invite-to': [
    'mail address: begin with headers for sendmail -t',
    'adresse : commencer par des en-têtes pour sendmail -t'
  ],
  'opt-invite-circle': [
    'circle that we propose; named in the mail; can be repeated',
    'cercle proposé, nommé dans le courriel ; répétable'
  ],
  'join-help': [
    'take the card out of a mail, compare its number by telephone, and become its peer',
    'prendre la carte d’un courriel, comparer son numéro au téléphone, et devenir pair'
  ],
  'arg-mail': ['file of the mail, - for standard input', 'fichier du courriel, - pour l’entrée standard'],
  'opt-heard': [
    'all nine groups of the number, as its owner read them aloud',
    'les neuf groupes du numéro, tels que leur propriétaire les a lus'
  ],
  'opt-no-domain-check': ['do not ask what the domains publish', 'ne pas demander ce que publient les domaines'],
  'peer-check-help': [
    'ask the DNS and the web what the domains of our peers publish about their cards',
    'demander au DNS et au web ce que les domaines des pairs publient sur leurs cartes'
  ],
  'circle-pending-help': [
    'who is not in yet, what is missing, and which vouches end soon',
    'qui n’y est pas encore, ce qui manque, et quelles garanties finissent bientôt'
  ],
  'circle-why-help': [
    'the statements that make an institution a member, or that are missing',
    'les déclarations qui font d’un établissement un membre, ou qui manquent'
  ],

  'invite-text': [
    `In English

{name} ({domains}) invites you to link your Tocsin node with ours,
so that we can warn each other of attacks.

1. Save this mail, and give it to your node: tocsin join mail.txt
2. Call us, at a number from YOUR OWN directory. Not one from this
   mail: a mail can be forged.
3. We read our number aloud, nine groups of three digits. Type the
   groups that the command asks for. If one does not match, stop.
4. Answer with your card: tocsin invite
   On the same call, read us your number: tocsin card --number`,
    `En français

{name} ({domains}) vous propose de relier votre nœud Tocsin au nôtre,
pour nous prévenir mutuellement des attaques.

1. Enregistrez ce courriel et donnez-le à votre nœud :
   tocsin join courriel.txt
2. Appelez-nous, à un numéro de VOTRE PROPRE annuaire. Pas d’un numéro
   de ce courriel : un courriel se contrefait.
3. Nous lisons notre numéro, neuf groupes de trois chiffres. Tapez les
   groupes que la commande demande. Si l’un ne concorde pas, arrêtez.
4. Répondez avec votre carte : tocsin invite
   Pendant le même appel, lisez-nous votre numéro : tocsin card --number`
  ],
  'invite-circle': [
    `5. We propose that you join the circle {circle}, whose id is
   {id}
   {threshold} of its members vouch for you, each after a call of their own.
   Then run: tocsin circle accept {circle}`,
    `5. Nous vous proposons d’entrer dans le cercle {circle}, d’identifiant
   {id}
   {threshold} de ses membres se portent garants de vous, chacun après son
   propre appel. Lancez ensuite : tocsin circle accept {circle}`
  ],
  'invite-not-in-mail': [
    'The number is not in the mail: read it aloud when they call (tocsin card --number).',
    'Le numéro n’est pas dans le courriel : lisez-le quand ils appellent (tocsin card --number).'
  ],

  'join-claims': ['Whoever made this card CLAIMS to be:', 'L’auteur de cette carte PRÉTEND être :'],
  'join-contact': ['Contact', 'Contact'],
  'join-call': [
    'Call this institution, at a number from YOUR OWN directory, not from the card or the mail. It reads its number aloud: nine groups of three digits.',
    'Appelez cet établissement, à un numéro de VOTRE PROPRE annuaire, pas de la carte ni du courriel. Il lit son numéro : neuf groupes de trois chiffres.'
  ],
  'join-shown': [
    'Six of the groups must be these, at their places; the other three are not shown and must be typed as you hear them:',
    'Six des groupes doivent être ceux-ci, à leur place ; les trois autres ne sont pas montrés, et se tapent comme on les entend :'
  ],
  'join-tries': ['{left} wrong answer(s) end it.', '{left} réponse(s) fausse(s) y mettent fin.'],
  'join-group': ['Group {place} of 9, as you heard it', 'Groupe {place} sur 9, tel que vous l’avez entendu'],
  'join-three-digits': ['Three digits.', 'Trois chiffres.'],
  'join-wrong': [
    'This is NOT the number of this card. {left} tries are left. A slip of the ear, or somebody in between.',
    'Ce n’est PAS le numéro de cette carte. Il reste {left} essai(s). Une erreur d’écoute, ou quelqu’un entre vous.'
  ],
  'join-others-match': [
    'Were the six groups shown above read aloud too, each the same?',
    'Les six groupes montrés plus haut ont-ils été lus aussi, tous identiques ?'
  ],
  'join-next': [
    'Now it is their turn: send them your card (tocsin invite) and read your number aloud (tocsin card --number).',
    'À leur tour : envoyez-leur votre carte (tocsin invite) et lisez votre numéro (tocsin card --number).'
  ],

  'domain-verified': ['published, the same card', 'publiée, la même carte'],
  'domain-different': ['DIFFERENT: it publishes ANOTHER card', 'DIFFÉRENTE : il publie une AUTRE carte'],
  'domain-not-published': ['nothing published', 'rien de publié'],
  'domain-unreachable': ['could not be asked', 'n’a pas pu être interrogé'],
  'domain-alarm': [
    '!!! {domain} publishes the card of SOMEBODY ELSE. This card is old or false. Do not go on before they have explained it on the telephone.',
    '!!! {domain} publie la carte de QUELQU’UN D’AUTRE. Cette carte est périmée ou fausse. N’allez pas plus loin sans explication au téléphone.'
  ],
  'domain-advice': [
    'What a domain publishes is advice. Only the telephone call counts.',
    'Ce que publie un domaine est un indice. Seul l’appel téléphonique compte.'
  ],
  'domain-no-check': [
    'The domains could not be asked ({reason}).',
    'Les domaines n’ont pas pu être interrogés ({reason}).'
  ],
  'card-records': [
    'Publish either, for each of your domains. It stays the same for every card of yours:',
    'Publiez l’un ou l’autre, pour chacun de vos domaines. C’est le même pour toutes vos cartes :'
  ],

  'col-check': ['Domain check', 'Contrôle du domaine'],
  'col-counts': ['Counts', 'Compte'],
  'col-days-left': ['Days left', 'Jours restants'],
  'col-dns': ['DNS', 'DNS'],
  'col-domain': ['Domain', 'Domaine'],
  'col-expires': ['Expires', 'Expire'],
  'col-newcomer': ['Newcomer', 'Arrivant'],
  'col-needed': ['Without it', 'Sans elle'],
  'col-renew': ['To renew', 'Pour renouveler'],
  'col-vouched': ['Vouched', 'Garanti'],
  'col-card-now': ['Card now', 'Carte actuelle'],
  'pending-changed': [
    'Cards that say something else than what was vouched for; what no vouches cover is shown with (?):',
    'Cartes qui disent autre chose que ce qui fut garanti ; ce qu’aucune garantie ne couvre porte (?) :'
  ],
  'renew-call': ['call first, then: {command}', 'appelez d’abord, puis : {command}'],
  'card-set-help': [
    'change what our card says: name, contact, domains, addresses; signed by the root key',
    'changer ce que dit notre carte : nom, contact, domaines, adresses ; signé par la clé racine'
  ],
  'opt-card-name': ['name of the institution', 'nom de l’établissement'],
  'opt-card-contact': ['contact address', 'adresse de contact'],
  'opt-card-domain': ['all its domains from now on; can be repeated', 'tous ses domaines désormais ; répétable'],
  'opt-card-no-domains': ['no domain', 'aucun domaine'],
  'opt-card-address': [
    'all addresses where peers find us from now on (/dns4/…/tcp/4470); can be repeated',
    'toutes les adresses où les pairs nous trouvent désormais (/dns4/…/tcp/4470) ; répétable'
  ],
  'opt-card-no-addresses': ['no address: we are not dialled', 'aucune adresse : personne ne nous appelle'],
  'card-set-done': [
    'The new card is in force; peers hear of it as they are linked.',
    'La nouvelle carte est en vigueur ; les pairs l’apprennent dès qu’ils sont reliés.'
  ],
  'col-web': ['Web', 'Web'],
  'col-missing-all': ['Missing', 'Manque'],
  'col-vouch-for': ['Vouch for', 'Garantie pour'],
  'how-phone': ['by telephone', 'par téléphone'],
  'how-in-person': ['in person', 'en personne'],
  'how-domain': ['by domain', 'par domaine'],
  'pending-circle': [
    'Circle {circle}: {threshold} vouches make a member.',
    'Cercle {circle} : {threshold} garanties font un membre.'
  ],
  'pending-nobody': ['Nobody waits to come in.', 'Personne n’attend.'],
  'pending-vouch': ['{by}, {how}, {date}', '{by}, {how}, {date}'],
  'missing-vouches': ['{count} vouch(es)', '{count} garantie(s)'],
  'missing-acceptance': ['its own acceptance', 'sa propre acceptation'],
  'missing-nothing': ['nothing', 'rien'],
  'needed-yes': ['no member', 'plus membre'],
  'needed-no': ['still a member', 'toujours membre'],
  'renew-ask': ['ask {by}', 'demander à {by}'],
  'why-member': ['{name} is a member of {circle}, of rank {rank}.', '{name} est membre de {circle}, de rang {rank}.'],
  'why-founder': [
    '{name} is named a founder in the charter of {circle}, and no member yet.',
    '{name} est nommé fondateur dans la charte de {circle}, et n’est pas encore membre.'
  ],
  'why-candidate': [
    '{name} is a candidate of {circle}, and no member.',
    '{name} est candidat de {circle}, et n’est pas membre.'
  ],
  'why-struck': ['{name} was struck from {circle}.', '{name} a été exclu de {circle}.'],
  'why-resigned': ['{name} has left {circle} by its own word.', '{name} a quitté {circle} de lui-même.'],
  'why-outsider': ['{name} has no part in {circle}.', '{name} n’a aucune part à {circle}.'],
  'why-by-charter': [
    'A founder is a member by the charter and its own acceptance; it needs no vouches.',
    'Un fondateur est membre par la charte et sa propre acceptation ; il ne lui faut pas de garanties.'
  ],
  'why-by-vouches': [
    'A newcomer is a member by its own acceptance and the vouches of {threshold} members of earlier ranks.',
    'Un arrivant est membre par sa propre acceptation et les garanties de {threshold} membres de rangs antérieurs.'
  ],
  'why-missing': ['Missing: {missing}.', 'Il manque : {missing}.'],
  'why-no-statement': ['No statement about it is held here.', 'Aucune déclaration à son sujet n’est détenue ici.'],
  'col-statement': ['Statement', 'Déclaration'],
  'statement-acceptance': ['acceptance', 'acceptation'],
  'statement-resignation': ['resignation', 'démission'],
  'statement-vouch': ['vouch', 'garantie'],
  'statement-revocation': ['revocation', 'révocation'],

  'error-no-card': ['there is no whole card block in this text', 'ce texte ne contient pas de bloc de carte entier'],
  'error-own-card': ['the only card in this text is our own', 'la seule carte de ce texte est la nôtre'],
  'error-several-cards': [
    'this text holds the cards of several institutions',
    'ce texte contient les cartes de plusieurs établissements'
  ],
  'error-number-needed': [
    'nobody can be asked for the number here: give all nine groups with --number',
    'personne ne peut taper le numéro ici : donnez les neuf groupes avec --number'
  ],
  'error-domain-different': [
    'a domain publishes another card than the one held here',
    'un domaine publie une autre carte que celle détenue ici'
  ],
  'advice-no-card': [
    'paste everything from BEGIN TOCSIN CARD to END TOCSIN CARD',
    'collez tout de BEGIN TOCSIN CARD à END TOCSIN CARD'
  ],
  'advice-several-cards': ['keep the one that you want to join with', 'ne gardez que celle qu’il faut'],
  'advice-own-card': [
    'the others must send theirs: tocsin invite, at their node',
    'l’autre doit envoyer la sienne : tocsin invite, sur son nœud'
  ],
  'advice-number-needed': [
    'they read it aloud on the telephone (tocsin card --number)',
    'ils le lisent au téléphone (tocsin card --number)'
  ],
  'advice-number-mismatch': [
    'hang up, take the number of the institution from your own directory, call again; never compare by mail or chat',
    'raccrochez, prenez le numéro de l’établissement dans votre annuaire, rappelez ; ne comparez jamais par courriel ni messagerie'
  ],
  'advice-domain-different': [
    'ask them by telephone: an old record, or somebody holds their domain, or somebody posed as them',
    'demandez-leur par téléphone : un enregistrement périmé, ou quelqu’un tient leur domaine, ou s’est fait passer pour eux'
  ]
} as const satisfies Readonly<Record<string, readonly [en: string, fr: string]>>
