/** A disk that is full or broken, a store that was closed: no bug of anybody's. */
export function isExpected(error: unknown): boolean {
  return error instanceof Error && String((error as { code?: unknown }).code).startsWith('store-')
}

export function ignoreExpected(error: unknown): void {
  if (!isExpected(error)) throw error
}
