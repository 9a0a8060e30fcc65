/** True if it went well. `pause()` and `resume()` throw on a stream that closed in between; its reader finds that out. */
export function quietly(act: () => void): boolean {
  try {
    act()
    return true
  } catch {
    return false
  }
}
