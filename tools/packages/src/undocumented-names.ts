/**
 * Finds what a reader of the API documentation would miss: exported names, fields of exported types
 * and arms of unions without a doc block. Works on TypeDoc's JSON; start at {@link undocumentedNames}.
 */

/** A documented thing as TypeDoc's JSON has it; only what is read here. */
export interface ApiReflection {
  /** Its name; `__type` for a type literal. */
  readonly name: string;
  /** One of {@link apiKinds}, or a kind that is not looked at. */
  readonly kind: number;
  /** Its doc block. */
  readonly comment?: unknown;
  /** Members, in the order of the page. */
  readonly children?: readonly ApiReflection[];
  /** Call signatures; a function's doc block stands here. */
  readonly signatures?: readonly ApiReflection[];
  /** The getter of an accessor. */
  readonly getSignature?: ApiReflection;
  /** Type of a field or alias, or what a signature returns. */
  readonly type?: ApiType;
  /** Where it is declared; absent from parts of anonymous types. */
  readonly sources?: readonly { readonly fileName: string }[];
  /** `inheritedFrom` names what declares it: it is documented there. */
  readonly inheritedFrom?: unknown;
}

/** A type as TypeDoc's JSON has it; only what is read here. */
export interface ApiType {
  /** `union`, `reflection`, `literal`, `reference` and others. */
  readonly type: string;
  /** Arms of a union or an intersection. */
  readonly types?: readonly ApiType[];
  /** The doc blocks of a union's arms, each as parts of text; empty for none. */
  readonly elementSummaries?: readonly (readonly unknown[])[];
  /** The literal that a `reflection` stands for. */
  readonly declaration?: ApiReflection;
  /** What an array has. */
  readonly elementType?: ApiType;
  /** What an operator (`readonly`) is put on. */
  readonly target?: unknown;
  /** Of a reference: the package that declares what it names. */
  readonly package?: string;
  /** What a reference is given: the value of a promise, the items of a list. */
  readonly typeArguments?: readonly ApiType[];
}

/** Kinds of TypeDoc's `ReflectionKind` that are looked at. */
export const apiKinds = {
  project: 1,
  module: 2,
  namespace: 4,
  class: 128,
  interface: 256,
  constructor: 512,
  property: 1024,
  typeLiteral: 65_536,
  reference: 4_194_304,
} as const;

/** Fields that tell the arms of a union apart: the arm is documented instead. */
const discriminants: ReadonlySet<string> = new Set(['kind', '$case']);

/**
 * Names what has no doc block, each as `package.name.field`, in the order of the documentation.
 * Exempt are constructors, parameters, inherited members, generated code (the wire contract's comments
 * are checked where it is written), discriminants, the `name` of an error class, and the only field
 * of a literal that is documented itself.
 */
export function undocumentedNames(root: ApiReflection): readonly string[] {
  return membersOf(root, '');
}

function membersOf(owner: ApiReflection, path: string): readonly string[] {
  return (owner.children ?? []).flatMap((member) => namesMissing(member, joined(path, member)));
}

function namesMissing(reflection: ApiReflection, path: string): readonly string[] {
  switch (reflection.kind) {
    case apiKinds.module:
      return membersOf(reflection, path);
    case apiKinds.constructor:
    case apiKinds.reference:
      return [];
  }
  if (isExempt(reflection)) return [];
  const missing = isDocumented(reflection) || isTold(reflection) ? [] : [path];
  return [...missing, ...membersOf(reflection, path), ...typesOf(reflection, path)];
}

function isExempt({ sources = [], inheritedFrom }: ApiReflection): boolean {
  const isGenerated = sources.some(({ fileName }) => /(^|\/)gen\//.test(fileName));
  return isGenerated || inheritedFrom !== undefined;
}

/** By a block of its own or one of its signatures. */
function isDocumented(reflection: ApiReflection): boolean {
  const { comment, signatures = [], getSignature } = reflection;
  const blocks = [comment, getSignature?.comment, ...signatures.map((one) => one.comment)];
  if (blocks.some((block) => block !== undefined)) return true;
  const { type } = reflection;
  return type?.type === 'reflection' && (type.declaration?.signatures ?? []).some(isDocumented);
}

/** Says all there is to say by its name and value. */
function isTold({ name, kind, type }: ApiReflection): boolean {
  if (kind !== apiKinds.property) return false;
  if (name === 'name') return type?.type === 'literal';
  return discriminants.has(name);
}

function typesOf(reflection: ApiReflection, path: string): readonly string[] {
  const { type, signatures = [], getSignature } = reflection;
  const returned = [...signatures, ...(getSignature ? [getSignature] : [])];
  return [
    ...(type === undefined ? [] : fieldsMissing(type, path)),
    ...returned.flatMap((one) => (one.type === undefined ? [] : fieldsMissing(one.type, path))),
  ];
}

/** Fields of the literals in a type; who holds the type is documented or reported already. */
function fieldsMissing(type: ApiType, path: string): readonly string[] {
  const { types = [], elementType, declaration } = type;
  // What is given to another package's types (a schema's shape) is documented where it is inferred from.
  const typeArguments = type.package === 'typescript' ? (type.typeArguments ?? []) : [];
  const inner = [...(type.type === 'union' ? [] : types), ...typeArguments];
  return [
    ...(type.type === 'union' ? armsMissing(type, path) : []),
    ...inner.flatMap((one) => fieldsMissing(one, path)),
    ...(elementType === undefined ? [] : fieldsMissing(elementType, path)),
    ...(isType(type.target) ? fieldsMissing(type.target, path) : []),
    ...(declaration === undefined ? [] : literalMissing(declaration, path)),
  ];
}

function isType(target: unknown): target is ApiType {
  return typeof target === 'object' && target !== null && 'type' in target;
}

/** An arm with a discriminant is a case of its own and wants a block: on itself or on that field. */
function armsMissing(union: ApiType, path: string): readonly string[] {
  return (union.types ?? []).flatMap((arm, index) => {
    const summary = union.elementSummaries?.[index] ?? [];
    const word = (arm.declaration?.children ?? []).find(({ name }) => discriminants.has(name));
    const isSilent = word !== undefined && summary.length === 0 && word.comment === undefined;
    return [...(isSilent ? [`${path} (arm ${index})`] : []), ...fieldsMissing(arm, path)];
  });
}

function literalMissing(literal: ApiReflection, path: string): readonly string[] {
  const fields = (literal.children ?? []).filter((field) => !isTold(field));
  const [only, ...more] = fields;
  const covered = more.length === 0 ? only : undefined;
  return fields.flatMap((field) => {
    const missing = namesMissing(field, joined(path, field));
    return field === covered ? missing.filter((name) => name !== joined(path, field)) : missing;
  });
}

function joined(path: string, { name }: ApiReflection): string {
  if (path === '') return name;
  return name === '' ? path : `${path}.${name}`;
}
