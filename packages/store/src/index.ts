export { STORE_ERRORS, StoreError, type StoreErrorCode } from './errors.ts'
export {
  arrivalOf,
  disablingOf,
  hex,
  keys,
  type Range,
  ranges,
  readU64,
  startingWith,
  u64,
  valuePart,
  zonePart
} from './keyspace.ts'
export { createIndicatorPacker, type IndicatorPacker, type PackedRows, rowsOf, setArrival } from './packed.ts'
export {
  type ArrivalRow,
  type BulletinSummary,
  type DisablingRow,
  type IndicatorRow,
  type RetractionMark,
  readRow,
  type SightingRow,
  type StreamState,
  writeRow
} from './rows.ts'
export { type Database, openStore, type Store, type StoreOptions, type TransactOptions, type Tx } from './store.ts'
