import {
  apiKinds,
  type ApiReflection,
  type ApiType,
  undocumentedNames,
} from './undocumented-names.ts';

const doc = { summary: [{ kind: 'text', text: 'Says what the type cannot.' }] };

describe(undocumentedNames, () => {
  it('names an interface and its fields that have no block, by their path', () => {
    const bare = anInterface('Options', [aField('timeoutMs'), aField('retries', doc)]);

    expect(undocumentedNames(aProject(bare))).toEqual(['lib.Options', 'lib.Options.timeoutMs']);
  });

  it('takes the block of one signature for the function', () => {
    const aFunction = { name: 'open', kind: 64, signatures: [aField('open', doc)] };

    expect(undocumentedNames(aProject(aFunction))).toEqual([]);
  });

  it('wants a block on each arm of a union rather than on its discriminant', () => {
    const union = anAlias({
      type: 'union',
      types: [aLiteral([aField('kind')]), aLiteral([aField('kind')])],
      elementSummaries: [[{ kind: 'text', text: 'It is open.' }], []],
    });

    expect(undocumentedNames(aProject(union))).toEqual(['lib.State (arm 1)']);
  });

  it('lets a documented arm speak for its only field, not for two', () => {
    const summaries = [[{}], [{}]];
    const types = [
      aLiteral([aField('kind'), aField('epoch')]),
      aLiteral([aField('kind'), aField('epoch'), aField('reason')]),
    ];

    expect(
      undocumentedNames(aProject(anAlias({ type: 'union', types, elementSummaries: summaries }))),
    ).toEqual(['lib.State.epoch', 'lib.State.reason']);
  });

  it('looks into what a promise gives and what a list holds', () => {
    const rows = aLiteral([aField('rows'), aField('epoch')]);
    const promise: ApiType = { type: 'reference', package: 'typescript', typeArguments: [rows] };
    const method = {
      name: 'remove',
      kind: 2048,
      signatures: [{ ...aField('remove', doc), type: promise }],
    };

    expect(
      undocumentedNames(aProject({ ...anInterface('Store', [method]), comment: doc })),
    ).toEqual(['lib.Store.remove.rows', 'lib.Store.remove.epoch']);
  });

  it('passes over constructors, inherited members, generated code and the name of an error', () => {
    const error = anInterface('OpenError', [
      { name: 'constructor', kind: apiKinds.constructor },
      { ...aField('message'), inheritedFrom: {} },
      { ...aField('name'), type: { type: 'literal' } },
    ]);
    const generated = {
      ...anInterface('Wire', [aField('size')]),
      sources: [{ fileName: 'src/gen/a.ts' }],
    };

    expect(undocumentedNames(aProject({ ...error, comment: doc }, generated))).toEqual([]);
  });
});

function aProject(...children: readonly ApiReflection[]): ApiReflection {
  return {
    name: 'project',
    kind: apiKinds.project,
    children: [{ name: 'lib', kind: apiKinds.module, children }],
  };
}

function anInterface(name: string, children: readonly ApiReflection[]): ApiReflection {
  return { name, kind: apiKinds.interface, children };
}

function anAlias(type: ApiType): ApiReflection {
  return { name: 'State', kind: 2_097_152, comment: doc, type };
}

function aLiteral(children: readonly ApiReflection[]): ApiType {
  return {
    type: 'reflection',
    declaration: { name: '__type', kind: apiKinds.typeLiteral, children },
  };
}

function aField(name: string, comment?: unknown): ApiReflection {
  return { name, kind: apiKinds.property, ...(comment === undefined ? {} : { comment }) };
}
