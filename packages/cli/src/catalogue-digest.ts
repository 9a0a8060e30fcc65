/** What `digest` says. */
export const DIGEST_TEXTS = {
  'digest-help': [
    'a mail about what came, ready for sendmail -t',
    'un courriel sur ce qui est arrivé, prêt pour sendmail -t'
  ],
  'opt-period': ['the last day or the last seven (daily)', 'le dernier jour ou les sept derniers (daily)'],
  'opt-digest-lang': [
    'language of the mail, else that of the command',
    'langue du courriel, sinon celle de la commande'
  ],
  'opt-digest-to': [
    'write the mail to a file; - for standard output',
    'écrire le courriel dans un fichier ; - pour la sortie standard'
  ],
  'opt-recipient': ['address that the mail is for', 'adresse à qui va le courriel'],
  'opt-from': [
    'address that the mail is from; else the mail program says it',
    'adresse d’où vient le courriel ; sinon le programme de courriel la met'
  ],
  'digest-circles': ['Circles: {circles}', 'Cercles : {circles}'],
  'digest-period': ['From {since} to {until} (UTC).', 'Du {since} au {until} (UTC).'],
  'digest-counts': [
    '{fresh} new, {retracted} retracted, {seen} of ours that others spoke of.',
    '{fresh} nouveaux, {retracted} retirés, {seen} des nôtres dont d’autres ont parlé.'
  ],
  'digest-subject-daily': [
    'Tocsin, day to {date}: {fresh} new, {retracted} retracted',
    'Tocsin, jour jusqu’au {date} : {fresh} nouveaux, {retracted} retirés'
  ],
  'digest-subject-weekly': [
    'Tocsin, week to {date}: {fresh} new, {retracted} retracted',
    'Tocsin, semaine jusqu’au {date} : {fresh} nouveaux, {retracted} retirés'
  ],
  'digest-fresh': ['New bulletins', 'Nouveaux signalements'],
  'digest-retracted': [
    'Retracted: take them out of what you did by hand',
    'Retirés : à défaire de ce qui fut fait à la main'
  ],
  'digest-seen': ['Our bulletins that others spoke of', 'Nos signalements dont d’autres ont parlé'],
  'digest-said-seen': ['seen {count} times', 'vu {count} fois'],
  'digest-said-wrong': ['called wrong by {count}', 'dit faux par {count}'],
  'digest-said-over': ['called over by {count}', 'dit terminé par {count}'],
  'digest-withheld': ['(PAP:RED: read it at the node)', '(PAP:RED : à lire sur le nœud)'],
  'digest-erased': ['(erased)', '(effacé)'],
  'digest-values': ['and {count} more', 'et {count} de plus'],
  'digest-more': [
    '{count} new bulletins more are not shown.',
    '{count} nouveaux signalements de plus ne sont pas montrés.'
  ],
  'digest-end': ['-- made by Tocsin; tocsin show ID says more.', '-- fait par Tocsin ; tocsin show ID en dit plus.']
} as const
