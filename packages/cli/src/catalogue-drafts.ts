/** Texts of imports, drafts and sources; part of TEXTS (catalogue.ts). */
export const DRAFT_TEXTS = {
  'import-help': [
    'read a document or log as drafts, to be reviewed',
    'lire un document ou un journal comme brouillons, à relire'
  ],
  'arg-format': ['format; tocsin import lists them', 'format ; tocsin import les énumère'],
  'arg-import': ['file, URL, or - for standard input', 'fichier, URL, ou - pour l’entrée standard'],
  'opt-import-tlp': ['TLP for what carries none', 'TLP de ce qui n’en porte pas'],
  'opt-import-pap': ['PAP for what carries none', 'PAP de ce qui n’en porte pas'],
  'opt-import-circle': ['circle for what is TLP:AMBER', 'cercle de ce qui est TLP:AMBER'],
  'opt-import-threat': ['threat class for what says none', 'classe de menace de ce qui n’en dit pas'],
  'opt-import-confidence': ['confidence for what says none', 'confiance de ce qui n’en dit pas'],
  'opt-map': [
    'where a record holds a field of the draft; can be repeated',
    'où un enregistrement tient un champ du brouillon ; répétable'
  ],
  'opt-charset': [
    'what the text is written in where it is no UTF-8 and has no byte order mark, as windows-1252',
    'codage du texte s’il n’est pas en UTF-8 et n’a pas d’indicateur d’ordre, par exemple windows-1252'
  ],
  'opt-import-dry-run': ['show what would come, keep nothing', 'montrer ce qui viendrait, sans rien garder'],
  'opt-import-private': [
    'sightings to the authors of the bulletins alone',
    'observations aux seuls auteurs des signalements'
  ],
  'import-unlisted': [
    '{count} values are in no live bulletin here, and stay here.',
    '{count} valeurs ne sont dans aucun signalement en vigueur ici, et restent ici.'
  ],
  'sightings-private': ['To the authors alone.', 'Aux seuls auteurs.'],
  'sightings-reported': ['Reported: {count} sightings.', 'Déclarées : {count} observations.'],
  'import-counts': [
    '{created} new, {changed} changed, {known} known already, {published} published, {refused} refused.',
    '{created} nouveaux, {changed} modifiés, {known} déjà connus, {published} publiés, {refused} refusés.'
  ],
  'import-refused': ['Refused:', 'Refusés :'],
  'import-set-labels': [
    'No label is guessed: --tlp and --pap set those of what says none (AMBER needs --circle, too).',
    'Aucune étiquette n’est devinée : --tlp et --pap fixent celles de ce qui n’en dit pas (AMBER veut aussi --circle).'
  ],
  'formats-unnamed': ['The formats:', 'Les formats :'],
  'draft-help': ['what waits to be reviewed', 'ce qui attend une relecture'],
  'draft-list-help': ['list the drafts', 'lister les brouillons'],
  'opt-draft-all': ['closed ones too, with who decided what', 'aussi ceux qui sont clos, et qui a décidé quoi'],
  'opt-draft-source': ['of this source alone', 'de cette source seule'],
  'draft-show-help': ['show one draft whole', 'montrer un brouillon en entier'],
  'draft-accept-help': ['publish a draft as a bulletin', 'publier un brouillon comme signalement'],
  'draft-edit-help': [
    'change a draft in the editor, or by options',
    'modifier un brouillon dans l’éditeur, ou par options'
  ],
  'opt-edit-of': [
    'the values that --kind and --comment are for (all of them)',
    'les valeurs que visent --kind et --comment (toutes)'
  ],
  'opt-edit-kind': ['what sightings say', 'ce que disent les observations'],
  'opt-edit-comment': ['a comment on sightings', 'un commentaire sur les observations'],
  'opt-edit-private': ['sightings to the authors alone', 'observations aux seuls auteurs'],
  'opt-edit-no-private': [
    'sightings to whoever may hold their bulletin',
    'observations à quiconque peut avoir leur signalement'
  ],
  'col-says': ['Says', 'Dit'],
  'draft-discard-help': [
    'discard a draft; the same item does not come again',
    'écarter un brouillon ; le même objet ne revient pas'
  ],
  'arg-draft-id': ['id of the draft or its beginning', 'identifiant du brouillon ou son début'],
  'no-drafts': ['No drafts.', 'Aucun brouillon.'],
  'draft-edited': ['Changed: {title} ({id})', 'Modifié : {title} ({id})'],
  'draft-discarded': ['Discarded: {id}', 'Écarté : {id}'],
  'draft-discard-question': ['Discard “{title}”?', 'Écarter « {title} » ?'],
  'draft-warnings': ['To know:', 'À savoir :'],
  'source-help': [
    'who may deliver by himself, and what becomes of it',
    'qui peut livrer de lui-même, et ce qui en advient'
  ],
  'source-list-help': ['list the sources', 'lister les sources'],
  'source-add-help': [
    'make a source; prints its token, this once',
    'créer une source ; affiche son jeton, cette fois seulement'
  ],
  'source-remove-help': ['end a source; its drafts stay', 'mettre fin à une source ; ses brouillons restent'],
  'source-status-help': [
    'what a source sent, and its latest refusals',
    'ce qu’une source a envoyé, et ses derniers refus'
  ],
  'arg-source': ['name of the source', 'nom de la source'],
  'opt-policy': ['wait for a person, or publish at once', 'attendre une personne, ou publier aussitôt'],
  'opt-token-file': ['file with the token that the tool has already', 'fichier du jeton que l’outil a déjà'],
  'opt-taxii': [
    'fetch this collection of a TAXII 2.1 server',
    'aller chercher cette collection d’un serveur TAXII 2.1'
  ],
  'opt-misp-feed': ['fetch this MISP feed', 'aller chercher ce flux MISP'],
  'opt-source-url': ['fetch this document when it has changed', 'aller chercher ce document quand il a changé'],
  'opt-every': ['s between two fetches, 900 unless given', 's entre deux récupérations, 900 par défaut'],
  'opt-source-user': ['user, where the secret is a password', 'utilisateur, quand le secret est un mot de passe'],
  'opt-secret-file': [
    'file with the token or password that the server wants',
    'fichier du jeton ou du mot de passe que veut le serveur'
  ],
  'source-poll-help': ['fetch a source now', 'aller chercher une source maintenant'],
  'source-polled': [
    'Source “{name}” ({policy}); fetched every {minutes} min from {url}',
    'Source « {name} » ({policy}) ; récupérée toutes les {minutes} min depuis {url}'
  ],
  'source-poll-begun': [
    'Being fetched: {name}. What came of it: tocsin source status {name}',
    'En cours : {name}. Ce qui en vient : tocsin source status {name}'
  ],
  'poll-busy': ['now', 'en cours'],
  'poll-waits': ['not yet', 'pas encore'],
  'col-fetched': ['Fetched', 'Récupérée'],
  'col-url': ['From', 'Depuis'],
  'col-login': ['Login', 'Accès'],
  'col-every': ['Every', 'Toutes les'],
  'col-failures': ['Failures', 'Échecs'],
  'col-last-good': ['Last good (UTC)', 'Dernière bonne (UTC)'],
  'col-next': ['Next (UTC)', 'Prochaine (UTC)'],
  'error-poll-without-address': [
    '--every, --user and --secret-file are for what is fetched: give its address',
    '--every, --user et --secret-file valent pour ce qui est récupéré : donner son adresse'
  ],
  'no-sources': ['No sources.', 'Aucune source.'],
  'source-added': ['Source “{name}” ({policy}); deliver to {path}', 'Source « {name} » ({policy}) ; livrer à {path}'],
  'source-removed': ['Removed: {name}', 'Retirée : {name}'],
  'col-policy': ['Policy', 'Règle'],
  'col-deliveries': ['Deliveries', 'Livraisons'],
  'col-last': ['Last (UTC)', 'Dernière (UTC)'],
  'col-path': ['Path', 'Chemin'],
  'error-map-unreadable': ['--map wants FIELD=PLACE, not {given}', '--map attend CHAMP=ENDROIT, et non {given}'],
  'col-outcome': ['Outcome', 'Issue'],
  'col-came-as': ['Came as', 'Venu comme'],
  'col-source': ['Source', 'Source'],
  'col-charset': ['Charset', 'Codage'],
  'col-decided': ['Decided', 'Décision'],
  'col-place': ['Place', 'Endroit'],
  'place-line': ['line {line}', 'ligne {line}'],
  'place-offset': ['byte {offset}', 'octet {offset}'],
  'error-nothing-imported': ['nothing could be imported', 'rien n’a pu être importé'],
  'error-url-unreadable': ['cannot read {url} ({reason})', 'impossible de lire {url} ({reason})'],
  'advice-unknown-import': ['tocsin import lists the formats', 'tocsin import énumère les formats'],
  'advice-unknown-format': ['tocsin import lists the formats', 'tocsin import énumère les formats'],
  'advice-poll-url-invalid': [
    'https://…, or http:// to this machine; login by --user and --secret-file',
    'https://…, ou http:// vers cette machine ; accès par --user et --secret-file'
  ],
  'source-labels': [
    'What comes without TLP or PAP of its own will be refused: --tlp and --pap set them (AMBER wants --circle, too).',
    'Ce qui viendra sans TLP ni PAP sera refusé : --tlp et --pap les fixent (AMBER veut aussi --circle).'
  ],
  'advice-draft-changed': ['look at it again: tocsin draft show', 'regardez-le de nouveau : tocsin draft show'],
  'advice-draft-of-sightings': [
    'tocsin draft edit --drop, --kind, --comment, --private',
    'tocsin draft edit --drop, --kind, --comment, --private'
  ],
  'advice-drafts-full': ['accept or discard some: tocsin draft list', 'acceptez-en ou écartez-en : tocsin draft list']
} as const satisfies Readonly<Record<string, readonly [en: string, fr: string]>>
