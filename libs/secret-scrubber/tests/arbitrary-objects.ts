/** Random Kubernetes-like objects, and random ways to write the same JSON down. */
import fc from 'fast-check';
import type { Json } from './reference.ts';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
/** Keys and texts that look like those that decide, and some that need escapes or four bytes. */
const words = fc.constantFrom(
  ...[
    'data',
    'kind',
    'metadata',
    'name',
    'é',
    '日本',
    '😀',
    'a"b',
    'c\\d',
    '\n\t',
    '\u2028',
    '',
    '}',
  ],
  ...['Secret', 'v1', 'stringDat', 'dataa', 'managedFields', lastApplied, 'x'.repeat(40)],
);
const text = fc.oneof(words, fc.string({ unit: 'grapheme', maxLength: 30 }), fc.base64String());
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 4 }, text, scalars(), tie('list'), tie('dictionary')),
  list: fc.array(tie('any'), { maxLength: 4 }),
  dictionary: dictionaryOf(tie('any')),
})).any;

function scalars(): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.constantFrom(true, false, null, 9_007_199_254_740_993, 1e300, -0.5e-7),
  );
}

function dictionaryOf(values: fc.Arbitrary<unknown>): fc.Arbitrary<Json> {
  const key = text.filter((name) => name !== '__proto__');
  return fc.dictionary(key, values, { maxKeys: 5, noNullPrototype: true });
}

function optional<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: 3 });
}

const annotations = fc
  .tuple(
    fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }),
    optional(text),
    optional(text),
  )
  .map(([some, last, owner]) => ({ ...some, [lastApplied]: last, 'example.com/owner': owner }))
  .chain(shuffled);

const metadata = fc
  .record({
    name: fc.oneof(
      { weight: 9, arbitrary: fc.stringMatching(/^[a-z0-9.-]{1,40}$/) },
      { weight: 1, arbitrary: text },
    ),
    namespace: optional(fc.constantFrom('default', 'kube-system', 'té')),
    uid: optional(fc.uuid()),
    resourceVersion: optional(fc.nat().map(String)),
    annotations: fc.oneof(optional(annotations), fc.constant(null)),
    managedFields: optional(fc.array(value, { maxLength: 3 })),
    labels: optional(dictionaryOf(text)),
  })
  .chain(shuffled);

/** An object of some kind, its members in any order. */
export const arbitraryObject: fc.Arbitrary<Json> = fc
  .record({
    kind: optional(fc.constantFrom('Secret', 'Secret', 'ConfigMap', 'Pod')),
    apiVersion: optional(fc.constantFrom('v1', 'v1', 'apps/v1')),
    metadata,
    data: fc.oneof(optional(dictionaryOf(text)), optional(value)),
    stringData: optional(dictionaryOf(text)),
    type: optional(text),
    spec: optional(value),
  })
  .chain(shuffled);

/** The same members in another order; those that are undefined are left out. */
function shuffled(object: Json): fc.Arbitrary<Json> {
  const entries = Object.entries(object).filter(([, member]) => member !== undefined);
  return fc
    .shuffledSubarray(entries, { minLength: entries.length })
    .map((members) => Object.fromEntries(members));
}

/** Makes one decision after another from a fixed series of numbers, over and over. */
export class Decisions {
  readonly #series: readonly number[];
  #next = 0;

  constructor(series: readonly number[]) {
    this.#series = series;
  }

  /** A number below `count`. */
  below(count: number): number {
    return (this.#series[this.#next++ % this.#series.length] ?? 0) % count;
  }
}

/** A series for {@link Decisions}. */
export const arbitrarySeries = fc.array(fc.nat({ max: 1000 }), { minLength: 7, maxLength: 60 });

const spaces = ['', '', '', ' ', '  ', '\t', ' \r', '\n', '\n    '];

/** Writes JSON with white space and escapes strewn in; `oneLine` leaves line feeds out. */
export function spell(json: unknown, decisions: Decisions, form: 'oneLine' | 'anyLines'): string {
  const space = () => {
    const some = spaces[decisions.below(spaces.length)] ?? '';
    return form === 'oneLine' ? some.replaceAll('\n', ' ') : some;
  };
  const write = (part: unknown): string => {
    if (typeof part === 'string') return spellString(part, decisions);
    if (Array.isArray(part)) return `[${joined(part.map(write))}]`;
    if (typeof part !== 'object' || part === null) return JSON.stringify(part);
    const members = Object.entries(part).map(
      ([key, member]) => `${spellString(key, decisions)}${space()}:${space()}${write(member)}`,
    );
    return `{${joined(members)}}`;
  };
  const joined = (parts: string[]) =>
    parts.length === 0 ? space() : parts.map((part) => `${space()}${part}${space()}`).join(',');
  return write(json);
}

function spellString(part: string, decisions: Decisions): string {
  const units = part.split('').map((unit) => {
    if (decisions.below(12) > 0) return undefined;
    const hex = unit.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${decisions.below(2) === 0 ? hex : hex.toUpperCase()}`;
  });
  let spelled = '"';
  for (let i = 0; i < part.length; i++) {
    const escape = units[i];
    const code = part.codePointAt(i) ?? 0;
    if (escape !== undefined && code < 0xd800) {
      spelled += escape;
    } else {
      const character = String.fromCodePoint(code);
      spelled += JSON.stringify(character).slice(1, -1);
      i += character.length - 1;
    }
  }
  return `${spelled}"`;
}
