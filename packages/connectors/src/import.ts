import type { ExtractContext } from '@tocsin/extract'
import type {
  BulletinId,
  DraftErrorCode,
  DraftInput,
  IndicatorErrorCode,
  Pap,
  Threat,
  Tlp,
  TypedValue
} from '@tocsin/model'
import type { ImportRefusalCode, ImportWarningCode } from './errors.ts'

/** Where something stands in what was handed in, as far as the format has places: a line from 1, a byte from 0, a path. */
export interface ImportPlace {
  readonly line?: number
  readonly offset?: number
  /** As in `Event.Attribute[3].value`. */
  readonly path?: string
}

/** Something that the officer who reviews a draft should know. `message` is one line and may quote what was handed in. */
export interface ImportWarning {
  readonly code: ImportWarningCode
  readonly message: string
  readonly place?: ImportPlace
}

/** One item of a source as a draft; it says nothing to anybody before it was accepted, or its source's policy publishes. */
export interface ImportedDraft {
  readonly kind: 'draft'
  /** Labels filled (`labelsFor`), what is nobody's business left out, values as they were handed in. */
  readonly draft: DraftInput
  /**
   * The same for the same item whenever and from wherever it is read, so that it is taken once. Begins with a word for
   * where the id comes from (`misp-event:UUID`), is at most 500 UTF-16 units, and is not shown.
   */
  readonly key: string
  /**
   * For logs: more values come under one key as time goes by. Those that were taken are left out and the rest is a
   * draft of its own. Otherwise the item is a whole, and one that has changed takes the place of the former.
   */
  readonly grows?: boolean
  /** Bulletins that the item says it was exported from: where one of them is held, there is nothing to import. */
  readonly bulletins?: readonly BulletinId[]
  /** One line for people: what this was at its source. */
  readonly reference: string
  readonly place: ImportPlace
  readonly warnings: readonly ImportWarning[]
}

/** One record, or a part of one, that is not taken, by its rule; it costs nothing else of the import. */
export interface ImportRefusal {
  readonly kind: 'refused'
  readonly code: ImportRefusalCode | DraftErrorCode | IndicatorErrorCode
  /** One line for people; may quote what was handed in. */
  readonly message: string
  readonly place: ImportPlace
}

/**
 * One record of a tool that met something: what it may have been, and when. Whom it met here is not in it. Who reads it
 * keeps of the values what a bulletin names, so it may hold more of them than were alerted for.
 */
export interface ImportedSighting {
  readonly kind: 'sighting'
  /** In normal form, each once. */
  readonly values: readonly TypedValue[]
  /** ms since the epoch. */
  readonly at: number
  /**
   * What tells that a record was taken: an id of its own, or else its time, in a stream (a sensor) whose records come in
   * order within a day: those up to the latest that was taken are known.
   */
  readonly once: { readonly id: string } | { readonly stream: string }
  /** The one that the rule was made of, if it says so; a claim. */
  readonly bulletin?: BulletinId
  readonly place: ImportPlace
}

export type Imported = ImportedDraft | ImportedSighting | ImportRefusal

/** What the operator set for a source: given to an object that says nothing itself. */
export interface SourceLabels {
  readonly tlp?: Tlp | undefined
  readonly pap?: Pap | undefined
  /** Name or id. */
  readonly circle?: string | undefined
  readonly threat?: Threat | undefined
  /** 0…100 */
  readonly confidence?: number | undefined
}

/** Field of a draft or an indicator → where a record holds it; each import that heeds it says what a place is. */
export type ImportMapping = Readonly<Record<string, string>>

/** What a caller sets; `ImportInfo.options` says which of the format's own options it heeds. */
export interface ImportOptions {
  /** Name of the source, else of the import: part of the keys of items that have no id of their own. */
  readonly source: string
  readonly labels: SourceLabels
  /** What the institution knows of itself and its circles, for what is left out. */
  readonly context: ExtractContext
  /** ms since the epoch, for logs that do not say the year. */
  readonly now: number
  readonly mapping?: ImportMapping | undefined
  /** What the source is written in where it is no UTF-8 and has no byte order mark: a label of WHATWG Encoding. */
  readonly charset?: string | undefined
  /** True for the secret that the items of this source carry in themselves; compares in constant time. */
  readonly isSecret?: ((given: string) => boolean) | undefined
}

/** The options that only some formats know. */
export type ImportOptionName = 'mapping' | 'charset' | 'secret' | 'private'

export interface ImportLimits {
  /** Of what is handed in, before anything is decoded. */
  readonly bytes: number
  /** Of one import. */
  readonly drafts: number
  /**
   * Of one import, over all its drafts; a draft beyond a bulletin's 4,096 is cut into several. Of sightings: indicators, each
   * as often as it has a day and sensor, or a message.
   */
  readonly indicators: number
}

/** One row of the table that drives CLI, HTTP, documents and tests. */
export interface ImportInfo {
  /** Lower-case letters, digits and hyphens. */
  readonly name: string
  readonly title: { readonly en: string; readonly fr: string }
  /** Without parameters, the usual one first. */
  readonly mediaTypes: readonly [string, ...string[]]
  /** Of files, without the dot. */
  readonly extensions: readonly string[]
  readonly limits: ImportLimits
  readonly options: readonly ImportOptionName[]
  /** What its items end as: bulletins unless it says sightings. */
  readonly yields?: 'sightings'
  /**
   * What the source says, item by item. Throws nothing for what stands in the source; ConnectorError before the first
   * byte if the options make no sense. Called through `readImport`, which holds the limits and the model's shape.
   */
  read(source: AsyncIterable<Uint8Array>, options: ImportOptions): AsyncGenerator<Imported>
}
