/** The last line of `.ci/run`: `N passed, N failed`, a failed check counting as one failure more. */
import { readFileSync } from 'node:fs'

const [path = '', checks = '0'] = process.argv.slice(2)

function counts(): { passed: number; failed: number } {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
    const number = (name: string): number => (typeof report[name] === 'number' ? report[name] : 0)
    // A file that cannot even be loaded has no tests to fail.
    const brokenFiles = Math.max(0, number('numFailedTestSuites') > 0 && number('numFailedTests') === 0 ? 1 : 0)
    return { passed: number('numPassedTests'), failed: number('numFailedTests') + brokenFiles }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

const { passed, failed } = counts()
const all = failed + (Number(checks) > 0 && failed === 0 ? 1 : 0)
console.log(`${passed} passed, ${all} failed`)
process.exitCode = all === 0 && passed > 0 ? 0 : 1
