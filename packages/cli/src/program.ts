import { Command, CommanderError, type Option } from 'commander'
import type { TextKey } from './catalogue.ts'
import { addCircleCommands } from './commands/circles.ts'
import { addCorrectCommands } from './commands/correct.ts'
import { addDigestCommand } from './commands/digest.ts'
import { addDraftCommands } from './commands/drafts.ts'
import { addEvidenceCommands } from './commands/evidence.ts'
import { addExportCommand } from './commands/export.ts'
import { addFeedCommands } from './commands/feeds.ts'
import { addFindCommands } from './commands/find.ts'
import { addFollowCommand } from './commands/follow.ts'
import { addHuntCommand } from './commands/hunt.ts'
import { addImportCommand } from './commands/import.ts'
import { addInviteCommand } from './commands/invite.ts'
import { addLocalCommands } from './commands/local.ts'
import { addPeerCommands } from './commands/peers.ts'
import { addPublishCommand } from './commands/publish.ts'
import { addReceiptCommands } from './commands/receipts.ts'
import { addShowCommand } from './commands/show.ts'
import { addSourceCommands } from './commands/sources.ts'
import type { CliEnv } from './env.ts'
import { failureShown } from './failure.ts'
import { createTranslate, type Translate } from './language.ts'
import { createSession, type Session } from './session.ts'

/** The program and the session that its commands share. */
export interface Program {
  readonly program: Command
  readonly session: Session
}

const TITLES: Readonly<Record<string, TextKey>> = {
  'Usage:': 'help-usage',
  'Arguments:': 'help-arguments',
  'Options:': 'help-options',
  'Commands:': 'help-commands'
}

/** What commander says in English alone: the words that an option takes, and what it is without being given. */
function optionText({ description, argChoices, defaultValue, required }: Option, t: Translate): string {
  const more = [
    ...(argChoices === undefined ? [] : [t('help-choices', { words: argChoices.join(', ') })]),
    ...(required && typeof defaultValue === 'string' ? [t('help-default', { word: defaultValue })] : [])
  ]
  return more.length === 0 ? description : `${description} (${more.join('; ')})`
}

/** Builds `tocsin` with all its commands and, through `extend`, those of the node. Runs nothing. */
export function createProgram(env: CliEnv): Program {
  const t = createTranslate(env.lang)
  const program = new Command('tocsin')
    .description(t('program-help'))
    .option('--home <dir>', t('opt-home'))
    .option('--json', t('opt-json'))
    .helpOption('-h, --help', t('opt-help'))
    .helpCommand('help [command]', t('help-help'))
    .showHelpAfterError(t('see-help'))
    .exitOverride()
    .configureOutput({ writeOut: (text) => env.stdout.write(text), writeErr: (text) => env.stderr.write(text) })
    .configureHelp({
      styleTitle: (title) => {
        const key = TITLES[title]
        return key === undefined ? title : t(key)
      },
      optionDescription: (option) => optionText(option, t)
    })
  const session = createSession(env, program)
  addInviteCommand(program, session)
  addPeerCommands(program, session)
  addCircleCommands(program, session)
  addPublishCommand(program, session)
  addImportCommand(program, session)
  addDraftCommands(program, session)
  addSourceCommands(program, session)
  addFindCommands(program, session)
  addFollowCommand(program, session)
  addDigestCommand(program, session)
  addShowCommand(program, session)
  addReceiptCommands(program, session)
  addCorrectCommands(program, session)
  addExportCommand(program, session)
  addFeedCommands(program, session)
  addHuntCommand(program, session)
  addLocalCommands(program, session)
  addEvidenceCommands(program, session)
  env.extend?.(program, session)
  return { program, session }
}

/**
 * Runs one command line (without `node` and the script's name) and returns the exit status: 0 done, 1 refused or
 * failed, 2 wrong use; `hunt` ends as grep does. Never throws and never ends the process.
 */
export async function runProgram(env: CliEnv, args: readonly string[]): Promise<0 | 1 | 2> {
  const { program, session } = createProgram(env)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return session.status()
  } catch (error) {
    // Commander has written its own message by now; asking for help is no mistake.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    return failureShown(session, error)
  }
}
