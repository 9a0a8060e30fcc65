/** For tests beyond this room: institutions with their registers, a town of replicas, and what is forged against them. */
export { branches, type Forged, forge, withBodies } from './forge.ts'
export {
  accepts,
  cardOf,
  charterOf,
  type Institution,
  institution,
  resigns,
  revokes,
  START,
  vouches
} from './institution.ts'
export { bulletin, createTown, type Inhabitant, type Link, type Town } from './town.ts'
