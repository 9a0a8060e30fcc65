export { ERROR_TABLES, explain } from './explain.ts'
export { type Home, homeAt } from './home.ts'
export { type InitInput, type InitResult, init } from './init.ts'
export { type NodeOptions, type RunningNode, startNode } from './node.ts'
