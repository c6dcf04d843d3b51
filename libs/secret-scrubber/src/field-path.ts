/**
 * Paths of fields as people write them in a configuration: kubectl's JSONPath
 * (https://kubernetes.io/docs/reference/kubectl/jsonpath/) without filters, slices and scripts:
 * `.name`, `['name']` and `[*]`, with or without braces around the whole.
 */

/** Every element of an array, or every member of an object: `[*]`. */
export const everyMember = Symbol('[*]');

/** One step of a path: the name of a member, or all that there is. */
export type FieldStep = string | typeof everyMember;

/** At least one step. */
export type FieldPath = readonly FieldStep[];

/** A walk along a path takes one frame of the stack per step; nobody's objects are that deep. */
const mostSteps = 64;

/** What {@link parseFieldPath} says. */
export type ParsedFieldPath =
  | { readonly kind: 'path'; readonly path: FieldPath }
  /** `message` is for people, without the path itself. */
  | { readonly kind: 'wrong'; readonly message: string };

/** `.name`, or `['name']` in which `\'` and `\\` stand for `'` and `\`, or `[*]`. */
const stepPattern = /\.([\w-]+)|\['((?:[^'\\]|\\['\\])*)'\]|\[\*\]/y;

/** What says which object it is, and must therefore leave with it. */
const identity: readonly FieldPath[] = [
  ['apiVersion'],
  ['kind'],
  ['metadata'],
  ['metadata', 'name'],
  ['metadata', 'namespace'],
  ['metadata', 'uid'],
  ['metadata', 'resourceVersion'],
];

/**
 * Tells what is wrong with a path, for the checks of a configuration: it is no such path, or it
 * touches what identifies an object. Undefined when nothing is.
 */
export function checkFieldPath(text: string): string | undefined {
  const parsed = parseFieldPath(text);
  return parsed.kind === 'wrong' ? parsed.message : undefined;
}

/** Reads a path. */
export function parseFieldPath(text: string): ParsedFieldPath {
  const hasBraces = text.startsWith('{') && text.endsWith('}');
  const inner = hasBraces ? text.slice(1, -1) : text;
  const path: FieldStep[] = [];
  let at = 0;
  while (at < inner.length) {
    stepPattern.lastIndex = at;
    const match = stepPattern.exec(inner);
    if (match === null) return wrong(unreadable(inner, at + (hasBraces ? 1 : 0)));
    path.push(match[1] ?? match[2]?.replaceAll(/\\(.)/g, '$1') ?? everyMember);
    at = stepPattern.lastIndex;
  }
  if (path.length === 0) return wrong("is empty; a path is like .spec.env[*].value or ['name']");
  if (path.length > mostSteps) return wrong(`has more than ${String(mostSteps)} steps`);
  const touched = identity.find((protectedPath) => isMatch(path, protectedPath));
  if (touched === undefined) return { kind: 'path', path };
  return wrong(`touches ${touched.map(String).join('.')}, which identifies the object`);
}

function wrong(message: string): ParsedFieldPath {
  return { kind: 'wrong', message };
}

function unreadable(text: string, at: number): string {
  const steps = text.startsWith('$')
    ? 'paths begin with . or [, without $'
    : "steps are .name, ['name'] and [*]";
  return `cannot be read from character ${String(at + 1)} on: ${steps}`;
}

function isMatch(path: FieldPath, names: FieldPath): boolean {
  return (
    path.length === names.length &&
    path.every((step, index) => step === everyMember || step === names[index])
  );
}
