// Templates of kerchunk's references: texts with expressions in double braces, a small part of Jinja's language.
//
// An expression has numbers, texts, names, `+ - * / // % **`, parentheses, and calls of other templates with named
// arguments, `f(c='text')`. Whatever else it may have is refused: nothing of a document is run.
import { failure } from './source.js'

type Value = number | string

const MAX_LENGTH = 1000
const MAX_DEPTH = 16
const MAX_CHARACTERS = 1 << 16

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|'([^'\\]*)'|"([^"\\]*)"|(\/\/|\*\*|[-+*/%(),=]))/y

interface Token {
  value?: Value
  name?: string
  sign?: string
}

/** Room for texts and the values in them: templates that have others several times grow beyond all bounds. */
export class Room {
  readonly #characters: number
  #left: number

  constructor(characters: number) {
    this.#characters = characters
    this.#left = characters
  }

  take(characters: number): void {
    this.#left -= characters
    if (this.#left < 0)
      throw failure('invalid-metadata', `templates make more than ${this.#characters} characters`)
  }
}

export class Templates {
  readonly #texts: ReadonlyMap<string, string>

  constructor(texts: ReadonlyMap<string, string>) {
    this.#texts = texts
  }

  /** The text with the values of its expressions in their places. */
  render(
    text: string,
    variables: ReadonlyMap<string, Value> = new Map(),
    room = new Room(MAX_CHARACTERS),
    depth = 0,
  ): string {
    if (depth > MAX_DEPTH)
      throw failure('invalid-metadata', `templates are called more than ${MAX_DEPTH} deep`)
    room.take(text.length)
    // What is not closed matches to the end: else the end were looked for from each `{{`.
    return text.replace(/\{\{(.*?)(\}\}|$)/gs, (whole, expression: string, end: string) => {
      if (end === '') return whole
      const refuse = (why: string) => failure('unsupported', `the template ${whole}: ${why}`)
      if (expression.length > MAX_LENGTH) throw refuse(`it has more than ${MAX_LENGTH} characters`)
      const found = (name: string, named: ReadonlyMap<string, Value> | undefined) => {
        const value = named ? undefined : variables.get(name)
        if (value !== undefined) return value
        const template = this.#texts.get(name)
        if (template === undefined) throw refuse(`there is no ${name}`)
        return named || template.includes('{{') ? this.render(template, named, room, depth + 1) : template
      }
      const parser = new Expression(tokens(expression, refuse), refuse, (name, named) => {
        const value = found(name, named)
        room.take(String(value).length)
        return value
      })
      return String(parser.whole())
    })
  }
}

type Refuse = (why: string) => unknown

function tokens(text: string, refuse: Refuse): Token[] {
  const found: Token[] = []
  TOKEN.lastIndex = 0
  for (let at = 0; text.slice(at).trim() !== ''; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (!match) throw refuse(`${JSON.stringify(text.slice(at).trim())} is not understood`)
    const [, number, name, single, double, sign] = match
    if (number !== undefined) found.push({ value: Number(number) })
    else if (name !== undefined) found.push({ name })
    else if (sign !== undefined) found.push({ sign })
    else found.push({ value: single ?? double ?? '' })
  }
  return found
}

type Lookup = (name: string, named: ReadonlyMap<string, Value> | undefined) => Value

/** Python's arithmetic: division rounds to below, a remainder has the sign of its divisor. */
const OPERATIONS: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '//': (a, b) => Math.floor(a / b),
  '%': (a, b) => a - b * Math.floor(a / b),
  '**': (a, b) => a ** b,
}

/** From the loosest to the tightest. */
const LEVELS = [
  ['+', '-'],
  ['*', '/', '//', '%'],
]

class Expression {
  readonly #tokens: readonly Token[]
  readonly #refuse: Refuse
  readonly #lookup: Lookup
  #at = 0

  constructor(tokens: readonly Token[], refuse: Refuse, lookup: Lookup) {
    this.#tokens = tokens
    this.#refuse = refuse
    this.#lookup = lookup
  }

  whole(): Value {
    const value = this.#level(0)
    if (this.#at < this.#tokens.length) throw this.#refuse('it does not end where it should')
    return value
  }

  #level(level: number): Value {
    const signs = LEVELS[level]
    if (!signs) return this.#signed()
    let value = this.#level(level + 1)
    for (let sign = this.#sign(signs); sign !== undefined; sign = this.#sign(signs))
      value = this.#apply(sign, value, this.#level(level + 1))
    return value
  }

  #signed(): Value {
    if (this.#sign(['-']) !== undefined) return this.#apply('-', 0, this.#signed())
    const value = this.#single()
    // It binds tighter than a sign before it, and looser than one behind it.
    return this.#sign(['**']) === undefined ? value : this.#apply('**', value, this.#signed())
  }

  #single(): Value {
    const token = this.#tokens[this.#at++]
    if (token?.value !== undefined) return token.value
    if (token?.name !== undefined)
      return this.#lookup(token.name, this.#sign(['(']) === undefined ? undefined : this.#named())
    if (token?.sign !== '(') throw this.#refuse('a value is missing')
    const value = this.#level(0)
    this.#expect(')')
    return value
  }

  #named(): Map<string, Value> {
    const named = new Map<string, Value>()
    while (this.#sign([')']) === undefined) {
      if (named.size > 0) this.#expect(',')
      const name = this.#tokens[this.#at++]?.name
      if (name === undefined) throw this.#refuse('an argument has no name')
      this.#expect('=')
      named.set(name, this.#level(0))
    }
    return named
  }

  #sign(signs: readonly string[]): string | undefined {
    const sign = this.#tokens[this.#at]?.sign
    if (sign === undefined || !signs.includes(sign)) return undefined
    this.#at += 1
    return sign
  }

  #expect(sign: string): void {
    if (this.#sign([sign]) === undefined) throw this.#refuse(`${sign} is missing`)
  }

  #apply(sign: string, a: Value, b: Value): Value {
    if (sign === '+' && typeof a === 'string' && typeof b === 'string') return a + b
    if (typeof a === 'string' || typeof b === 'string') throw this.#refuse(`${sign} needs two numbers`)
    const value = OPERATIONS[sign](a, b)
    if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER)
      throw this.#refuse(`${a} ${sign} ${b} is no number that can be had`)
    return value
  }
}
