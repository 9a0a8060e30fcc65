/** For tests beyond this room: a host that speaks our transport and is bound by none of our manners. */
export { dialAddress } from '../address.ts'
export { createHost } from '../host.ts'
