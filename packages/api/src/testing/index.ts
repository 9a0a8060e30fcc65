export { type Known, masked, type Probe, type Reveals, ROUTE_TABLE, type RouteRow } from '../route-table.ts'
export { CIRCLE, INSTITUTIONS } from './memory-content.ts'
export { createMemoryNode, type MemoryNode } from './memory-ports.ts'
