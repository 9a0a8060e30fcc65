import { describe, expect, it } from 'vitest'
import { refangView } from './refang.ts'

describe('refangView', () => {
  it.each([
    ['evil[.]com', 'evil.com'],
    ['evil(.)com', 'evil.com'],
    ['evil{.}com', 'evil.com'],
    ['evil[ . ]com', 'evil.com'],
    ['evil[DOT]com', 'evil.com'],
    ['evil(point)com', 'evil.com'],
    ['evil [.] com', 'evil.com'],
    ['evil DOT com', 'evil.com'],
    ['evil\\.com', 'evil.com'],
    ['evil[.com', 'evil.com'],
    ['evil.]com', 'evil.com'],
    ['e\u00advil\u200b.com\ufeff', 'evil.com'],
    ['evil\u3002com', 'evil.com'],
    ['ｅｖｉｌ．com', 'evil.com'],
    ['hxxp[:]//evil[.]com[/]x', 'hxxp://evil.com/x'],
    ['hxxps[://]evil[.]com', 'hxxps://evil.com'],
    ['a[@]b.fr, a(at)b.fr, a[arobase]b.fr', 'a@b.fr, a@b.fr, a@b.fr'],
    ['a AT b DOT fr', 'a@b.fr'],
    ['2001[:]db8[:][:]1', '2001:db8::1']
  ])('%s', (written, read) => {
    expect(refangView(written).text).toBe(read)
  })

  it.each([
    'evil . com',
    'rendez-vous AT 10:00',
    'we met AT evil.com',
    'le (point) suivant',
    'une liste : [.]',
    'fichier(.exe)',
    '[voir](http://a.example)',
    'tab[i] (at)',
    'C:\\.ssh',
    'point. Le',
    'fin. [Fin]'
  ])('leaves prose as it is: %s', (text) => {
    expect(refangView(text).text).toBe(text)
  })
})
