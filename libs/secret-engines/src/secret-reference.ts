/**
 * References to secrets, pure: `encrypted:ENGINE!k:v!k:v` stands for a value, `encryptedFile:...` for
 * the content of a file; `secret://ENGINE?k=v&k=v` and `secretFile://...` are their newer forms.
 * Anything else is a plain text. Messages name engines and parameters, never what they hold.
 *
 * @see https://github.com/spinnaker/kork `EncryptedSecret`, `UserSecretReference`
 */
import { engineNames, engineParameters, type EngineName } from './engine-parameters.ts';
import { SecretError } from './secret-error.ts';

/** A reference, read. */
export interface SecretReference {
  /** What it stands for: a value, or the content of a file. */
  readonly form: 'value' | 'file';
  /** Who holds the secret. */
  readonly engine: EngineName;
  /** Its parameters by their letters; the required ones are there. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** How each form begins. */
const prefixes = [
  { form: 'value', syntax: 'bang', begins: /^encrypted:/ },
  { form: 'file', syntax: 'bang', begins: /^encryptedFile:/i },
  { form: 'value', syntax: 'uri', begins: /^secret:\/\// },
  { form: 'file', syntax: 'uri', begins: /^secretFile:\/\//i },
] as const;

/** Whether a text is meant to be a reference, be it right or wrong. */
export function isSecretReference(text: string): boolean {
  return prefixes.some(({ begins }) => begins.test(text));
}

/**
 * Reads a reference; `undefined` for a plain text.
 * @throws SecretError `syntax`
 */
export function parseSecretReference(text: string): SecretReference | undefined {
  const prefix = prefixes.find(({ begins }) => begins.test(text));
  if (prefix === undefined) return undefined;
  const { form, syntax, begins } = prefix;
  const rest = text.replace(begins, '');
  const { name, pairs } = syntax === 'bang' ? splitAtBangs(rest) : splitUri(rest);
  const engine = engineNames.find((each) => each === name);
  if (engine === undefined) {
    throw wrong(`names no engine that is known here: ${engineNames.join(', ')}`);
  }
  return { form, engine, parameters: checkParameters({ form, engine }, pairs) };
}

/** What is wrong with a reference as an option of the given form; `undefined` if nothing is. */
export function problemOfReference(
  text: string,
  form: SecretReference['form'],
): string | undefined {
  try {
    const reference = parseSecretReference(text);
    if (reference === undefined || reference.form === form) return undefined;
    return form === 'file'
      ? 'is the name of a file: write encryptedFile: for its content'
      : 'is a value, not the name of a file: write encrypted:';
  } catch (error: unknown) {
    return SecretError.from(error, '').reason;
  }
}

/** Engine and place in words: `engine vault, path secret/spinnaker/kubernetes`. */
export function describeReference({ engine, parameters }: SecretReference): string {
  return `engine ${engine}, ${placeOf(engine, parameters)}`;
}

function placeOf(engine: EngineName, at: Readonly<Record<string, string>>): string {
  const { e = '', p = '', n = '', ns, r = '', b = '', f = '', s = '' } = at;
  switch (engine) {
    case 'vault':
      return `path ${e}/${p}${n === '' ? '' : ` in namespace ${n}`}`;
    case 'k8s':
      return `Secret ${n}${ns === undefined ? '' : ` in namespace ${ns}`}`;
    case 's3':
      return `file ${f} in bucket ${b} (${r})`;
    case 'gcs':
      return `file ${f} in bucket ${b}`;
    case 'secrets-manager':
      return `secret ${s} (${r})`;
    case 'file':
      return `path ${p}`;
    case 'env':
      return `variable ${n}`;
  }
}

type Pairs = readonly (readonly [string, string] | undefined)[];

interface Split {
  readonly name: string;
  /** `undefined` for what is no pair. */
  readonly pairs: Pairs;
}

/** A value may hold colons, but no exclamation mark. */
function splitAtBangs(text: string): Split {
  const [name = '', ...parts] = text.split('!');
  return { name, pairs: parts.map((part) => splitPair(part, ':')) };
}

function splitUri(text: string): Split {
  const [name = '', ...rest] = text.split('?');
  const query = rest.join('?');
  const parts = query === '' ? [] : query.split('&');
  return { name: name.replace(/\/$/, ''), pairs: parts.map((part) => decodePair(part)) };
}

function decodePair(part: string): readonly [string, string] | undefined {
  const [key, value] = splitPair(part, '=') ?? [];
  if (key === undefined || value === undefined) return undefined;
  try {
    return [decodeURIComponent(key), decodeURIComponent(value)];
  } catch {
    return undefined; // A stray per cent sign: the place is told, not the text.
  }
}

function splitPair(part: string, separator: string): readonly [string, string] | undefined {
  const at = part.indexOf(separator);
  return at < 1 ? undefined : [part.slice(0, at), part.slice(at + 1)];
}

function checkParameters(
  { form, engine }: Pick<SecretReference, 'form' | 'engine'>,
  pairs: Pairs,
): Readonly<Record<string, string>> {
  const known = engineParameters[engine];
  const given = new Map<string, string>();
  for (const [index, pair] of pairs.entries()) {
    const number = index + 1;
    if (pair === undefined)
      throw wrong(`engine ${engine}: parameter ${number} has not the form key:value`);
    const [key, value] = pair;
    const parameter = Object.hasOwn(known, key) ? known[key] : undefined;
    if (parameter === undefined) {
      throw wrong(
        `engine ${engine}: parameter ${number} is none of ${Object.keys(known).join(', ')}`,
      );
    }
    const problem = problemOfValue({ value, isAgain: given.has(key), form }, parameter);
    if (problem !== undefined)
      throw wrong(`engine ${engine}: ${key} (${parameter.means}) ${problem}`);
    given.set(key, value);
  }
  const parameters = engine === 'vault' ? withOldPath(given) : given;
  for (const [key, { means, isRequired }] of Object.entries(known)) {
    if (isRequired && !parameters.has(key))
      throw wrong(`engine ${engine}: ${key} (${means}) is missing`);
  }
  return Object.fromEntries(parameters);
}

/** Armory's older references have `n` for the path; beside `p` it is the namespace. */
function withOldPath(given: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const path = given.get('n');
  if (path === undefined || given.has('p')) return given;
  return new Map([...given, ['p', path] as const].filter(([key]) => key !== 'n'));
}

function problemOfValue(
  given: {
    readonly value: string;
    readonly isAgain: boolean;
    readonly form: SecretReference['form'];
  },
  { oneOf, isOfValuesOnly }: (typeof engineParameters)[EngineName][string],
): string | undefined {
  const { value, isAgain, form } = given;
  if (isAgain) return 'is given twice';
  if (value === '') return 'is empty';
  if (value !== value.trim()) return 'begins or ends with white space';
  if (oneOf?.includes(value) === false) return `must be one of ${oneOf.join(', ')}`;
  if (isOfValuesOnly === true && form === 'file') return 'cannot be had from a file: leave it out';
  return undefined;
}

function wrong(reason: string): SecretError {
  return new SecretError('syntax', reason);
}
