import type { InstitutionView } from '../views.ts'

const REIMS: InstitutionView = { id: `did:key:z6Mk${'R'.repeat(44)}`, name: 'Reims', claimed: false }
const VALENCIENNES: InstitutionView = { id: `did:key:z6Mk${'V'.repeat(44)}`, name: 'Valenciennes', claimed: false }
const LORRAINE: InstitutionView = { id: `did:key:z6Mk${'L'.repeat(44)}`, name: 'Lorraine', claimed: true }

/** The institutions of the test; Reims is this node. */
export const INSTITUTIONS = { reims: REIMS, valenciennes: VALENCIENNES, lorraine: LORRAINE } as const
/** The circle of the test. */
export const CIRCLE = { id: 'c1'.repeat(32), name: 'esr-fr' } as const
