/** Random objects, random paths: what leaves is what is left of the tree without the paths' ends. */
import fc from 'fast-check';
import type { ScannerOptions } from '../src/index.ts';
import { chunksOf, listOutcome, watchOutcome } from './outcome.ts';
import { arbitraryMember, arbitraryTree, objectOf, textOf, without } from './text-tree.ts';
import type { Member, Steps } from './text-tree.ts';

const names = ['a', 'b', 'env', 'value', 'é', 'tls.key', "it's", '', 'dat'];
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const runs = { seed: 8128, numRuns: 800 };

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });
const members = fc.array(arbitraryMember(names, arbitraryTree(names)), { maxLength: 5 });
const step = fc.option(fc.constantFrom(...names), { nil: undefined, freq: 2 });
/** No path may end at a member of the root or of metadata by `[*]`. */
const steps: fc.Arbitrary<Steps> = fc
  .tuple(fc.constantFrom(...names), fc.array(step, { maxLength: 4 }))
  .map(([first, more]) => [first, ...more]);
const metadataSteps: fc.Arbitrary<Steps> = steps.map((some) => ['metadata', ...some]);
const managedFields: Steps = ['metadata', 'managedFields'];
const paths = fc.array(fc.oneof(steps, metadataSteps, fc.constant(managedFields)), {
  maxLength: 4,
});

function pathText(some: Steps): string {
  const written = some.map((name) =>
    name === undefined ? '[*]' : `['${name.replaceAll(/['\\]/g, '\\$&')}']`,
  );
  return written.join('');
}

function member(name: string, value: Member['value']): Member {
  return { spelling: JSON.stringify(name), value };
}

function scalar(value: string): Member['value'] {
  return { kind: 'scalar', text: JSON.stringify(value) };
}

const object = fc
  .record({
    kind: fc.constantFrom('Secret', 'ConfigMap'),
    root: members,
    metadata: members,
    annotations: members,
    order: fc.infiniteStream(fc.nat()),
    data: arbitraryTree(names),
  })
  .map(({ kind, root, metadata, annotations, order, data }) => {
    const mixed = <T>(all: readonly T[]): readonly T[] =>
      all.toSorted(() => ((order.next().value ?? 0) % 2 === 0 ? 1 : -1));
    const copied = mixed([...annotations, member(lastApplied, scalar('copy'))]);
    const inMetadata = mixed([
      ...metadata,
      member('name', scalar('n')),
      member('annotations', objectOf(copied)),
      member('managedFields', data),
    ]);
    const all = mixed([
      ...root,
      member('kind', scalar(kind)),
      member('apiVersion', scalar('v1')),
      member('metadata', objectOf(inMetadata)),
      member('data', data),
    ]);
    return { isSecret: kind === 'Secret', tree: objectOf(all) };
  });

describe('objects of feeds with rules', () => {
  it('leave as the tree without the ends of the paths, with both kernels and any chunks', () => {
    const property = fc.property(
      object,
      paths,
      paths,
      cuts,
      ({ isSecret, tree }, redact, prune, at) => {
        const options: ScannerOptions = {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          redact: redact.map(pathText),
          prune: prune.map(pathText),
        };
        const text = textOf(tree);
        const watch = chunksOf(Buffer.from(`{"type":"ADDED","object":${text}}\n`), at);
        const list = chunksOf(Buffer.from(`{"kind":"ConfigMapList","items":[${text}]}`), at);

        const wasm = watchOutcome({ ...options, kernel: 'wasm' }, watch);
        const typescript = watchOutcome({ ...options, kernel: 'typescript' }, watch);
        const item = listOutcome(options, list);

        const copy: Steps = ['metadata', 'annotations', lastApplied];
        const hasRedactions = redact.length > 0;
        const counted = [...redact, ...(hasRedactions || isSecret ? [copy] : [])];
        const uncounted = [
          ...prune,
          ...(hasRedactions || isSecret ? [managedFields] : []),
          ...(isSecret ? [['data']] : []),
        ];
        const kept = without(tree, counted, uncounted);
        const data =
          tree.kind === 'object' ? tree.members.find((m) => m.spelling === '"data"') : undefined;
        const hidden = isSecret && data ? secretCount(data.value) : 0;
        expect(typescript).toEqual(wasm);
        expect(wasm.events).toMatchObject([
          {
            event: 'added',
            text: textOf(kept.tree),
            name: 'n',
            scrubbedValues: kept.count + hidden,
          },
        ]);
        expect(item.events).toMatchObject([{ text: textOf(kept.tree) }, { event: 'listMeta' }]);
      },
    );

    fc.assert(property, runs);
  });
});

/** Members of `data`; a value of another shape counts as one, null as none. */
function secretCount(data: Member['value']): number {
  if (data.kind === 'object') return data.members.length;
  return data.kind === 'scalar' && data.text === 'null' ? 0 : 1;
}
