export { type Known, masked, type Probe, type Reveals, ROUTE_TABLE, type RouteRow } from '../route-table.ts'
export { CIRCLE, INSTITUTIONS } from './institutions.ts'
export { createMemoryNode, type MemoryNode } from './memory-ports.ts'
export { bearer, type OpenedApi, openApi } from './open-api.ts'
