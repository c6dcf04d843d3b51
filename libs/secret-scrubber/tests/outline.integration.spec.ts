/**
 * Feeds without secrets: batches, and values that are passed over by their outline. What leaves must
 * not depend on the kernel, on the chunks, or on whether a batch or the general way took it; and a
 * Secret among such objects is scrubbed as strictly as ever.
 */
import fc from 'fast-check';
import type { ScannerOptions } from '../src/index.ts';
import { Decisions, arbitraryObject, arbitrarySeries, spell } from './arbitrary-objects.ts';
import { damage, damaged, parsedText } from './damage.ts';
import { chunksOf, listOutcome, watchOutcome } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { referenceObject } from './reference.ts';
import type { Json } from './reference.ts';

const runs = { seed: 271828, numRuns: 600 };
const feed: ScannerOptions = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  readAnnotations: ['example.com/owner', 'kubectl.kubernetes.io/last-applied-configuration'],
};
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });
const eventTypes = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'];

/** Objects as a server writes them, mostly of the feed's own type, some large. */
const object = fc
  .record({
    object: arbitraryObject,
    type: fc.constantFrom('own', 'own', 'own', 'absent', 'other'),
    filler: fc.constantFrom(0, 0, 50, 3000),
    text: fc.constantFrom('"', '\\', '\\"', 'é', '{[', ']}', 'a', '\u007f', '","'),
  })
  .map(({ object: some, type, filler, text }) => {
    const { kind, apiVersion, ...rest } = some;
    const types = {
      own: { kind: 'ConfigMap', apiVersion: 'v1' },
      absent: {},
      other: {
        ...(kind !== undefined && { kind }),
        ...(apiVersion !== undefined && { apiVersion }),
      },
    };
    const nested = { a: [{ b: text.repeat(filler) }, [text]], '': [] };
    return { ...types[type], ...rest, ...(filler > 0 && { nested }) };
  });
const objects = fc.array(object, { minLength: 1, maxLength: 6 });

function lineOf(some: Json, index: number): string {
  return JSON.stringify({ type: eventTypes[index % 4], object: some });
}

/** All outcomes of one body: each kernel, in the chunks and in one piece. */
function outcomesOf(
  read: typeof watchOutcome,
  options: ScannerOptions,
  chunks: Buffer[],
): Outcome[] {
  const whole = [Buffer.concat(chunks)];
  return (['wasm', 'typescript'] as const).flatMap((kernel) =>
    [chunks, whole].map((pieces) => read({ ...options, kernel }, pieces)),
  );
}

/** An event as the reference has it: undefined for an object that was held back. */
function read(event: unknown): unknown {
  const { text, event: _, ...rest } = event as { text?: string; event: string };
  return text === undefined ? undefined : { ...rest, value: JSON.parse(text) as unknown };
}

function expectOne(outcomes: readonly Outcome[]): Outcome {
  const [first] = outcomes;
  for (const other of outcomes) expect(other).toEqual(first);
  return first!;
}

describe('objects as a server writes them', () => {
  it('leave a watch as the reference says', () => {
    const property = fc.property(objects, cuts, (all, at) => {
      const lines = all.map((some, index) => `${lineOf(some, index % 3)}\n`);
      const body = Buffer.from(lines.join(''));

      const { events } = expectOne(outcomesOf(watchOutcome, feed, chunksOf(body, at)));

      expect(events.map(read)).toEqual(all.map((some) => referenceObject(some, feed)));
    });

    fc.assert(property, runs);
  });

  it('leave a list as the reference says', () => {
    const property = fc.property(objects, cuts, (all, at) => {
      const body = Buffer.from(JSON.stringify({ kind: 'ConfigMapList', items: all }));

      const { events, fault } = expectOne(outcomesOf(listOutcome, feed, chunksOf(body, at)));

      expect(events.slice(0, -1).map(read)).toEqual(all.map((some) => referenceObject(some, feed)));
      expect(fault).toBe('');
    });

    fc.assert(property, runs);
  });
});

describe('bodies that come byte by byte', () => {
  it('give what they give in one piece', () => {
    const property = fc.property(fc.array(object, { minLength: 1, maxLength: 2 }), (all) => {
      const items = all.filter((some) => JSON.stringify(some).length < 1500);
      const watch = items.map((some, index) => `${lineOf(some, index)}\n`).join('');
      const list = JSON.stringify({ kind: 'ConfigMapList', items });
      const single = (body: string) => Array.from(Buffer.from(body), (byte) => Buffer.of(byte));

      const watched = expectOne(outcomesOf(watchOutcome, feed, single(watch)));
      const listed = expectOne(outcomesOf(listOutcome, feed, single(list)));

      expect(watched.events).toHaveLength(items.length);
      expect(listed.events).toHaveLength(items.length + 1);
    });

    fc.assert(property, { ...runs, numRuns: 60 });
  });
});

describe('damaged bodies of feeds without secrets', () => {
  it('end alike in both kernels, in any chunks, and show nothing of a Secret', () => {
    const spelling = fc.option(arbitrarySeries, { nil: undefined });
    const property = fc.property(
      objects,
      spelling,
      fc.array(damage, { minLength: 1, maxLength: 2 }),
      cuts,
      (all, series, hows, at) => {
        const decisions = series && new Decisions(series);
        const lines = all.map((some, index) => {
          const event = { type: eventTypes[index % 4], object: some };
          return decisions ? spell(event, decisions, 'oneLine') : JSON.stringify(event);
        });
        const body = hows.reduce(damaged, Buffer.from(`${lines.join('\n')}\n`));

        const { events } = expectOne(outcomesOf(watchOutcome, feed, chunksOf(body, at)));

        const sent = body
          .toString('latin1')
          .split('\n')
          .map((line) => parsedText(Buffer.from(line, 'latin1')) as { object?: Json } | undefined);
        for (const event of events as { text?: string; kind?: string; apiVersion?: string }[]) {
          if (event.kind !== 'Secret' || event.apiVersion !== 'v1' || event.text === undefined)
            continue;
          const out = JSON.parse(event.text) as Json;
          const references = sent.map((line) => line && referenceObject(line.object, feed)?.value);
          expect(references).toContainEqual(out);
        }
      },
    );

    fc.assert(property, runs);
  });

  it('of lists end alike in both kernels and in any chunks', () => {
    const property = fc.property(objects, damage, cuts, (all, how, at) => {
      const text = JSON.stringify({ kind: 'ConfigMapList', items: all, metadata: {} });

      const body = damaged(Buffer.from(text), how);

      expectOne(outcomesOf(listOutcome, feed, chunksOf(body, at)));
    });

    fc.assert(property, runs);
  });
});

describe('batches', () => {
  const small = (index: number) => `{"metadata":{"name":"n${String(index)}","uid":"é"}}`;

  it('that are full go on with the next: nothing is lost, nothing comes twice', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `n${String(index)}`);
    const items = names.map((_, index) => small(index));
    const lines = items.map((item) => `{"type":"ADDED","object":${item}}\n`).join('');
    const list = `{"kind":"ConfigMapList","items":[${items.join(',')}]}`;

    for (const kernel of ['wasm', 'typescript'] as const) {
      const watch = watchOutcome({ ...feed, kernel }, [Buffer.from(lines)]).events as Json[];
      const listed = listOutcome({ ...feed, kernel }, [Buffer.from(list)]).events as Json[];
      expect(watch.map(({ name }) => name)).toEqual(names);
      expect(listed.slice(0, -1).map(({ name }) => name)).toEqual(names);
    }
  });

  it('take objects of every size around what one of them holds', () => {
    for (const kernel of ['wasm', 'typescript'] as const) {
      for (let size = 130_850; size < 131_250; size += 7) {
        const big = `{"metadata":{"name":"big"},"data":{"a":"${'x'.repeat(size)}"}}`;
        const list = `{"kind":"ConfigMapList","items":[${[small(1), big, big, small(2)].join(',')}]}`;

        const { events } = listOutcome({ ...feed, kernel }, [Buffer.from(list)]);

        expect((events as Json[]).map(({ name }) => name)).toEqual([
          'n1',
          'big',
          'big',
          'n2',
          undefined,
        ]);
        expect((events[1] as { text: string }).text).toBe(
          big.replace('{', '{"kind":"ConfigMap","apiVersion":"v1",'),
        );
      }
    }
  });
});
