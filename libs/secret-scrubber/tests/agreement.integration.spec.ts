/** Random bodies, cut anywhere: both kernels give what parsing, deleting and printing gives. */
import fc from 'fast-check';
import type { ScannerOptions } from '../src/index.ts';
import { Decisions, arbitraryObject, arbitrarySeries, spell } from './arbitrary-objects.ts';
import { chunksOf, listOutcome, watchOutcome } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { referenceObject } from './reference.ts';
import type { Json } from './reference.ts';

const runs = { seed: 20260301, numRuns: 600 };
const feeds: readonly ScannerOptions[] = [
  { apiVersion: 'v1', kind: 'Secret', readAnnotations: ['example.com/owner'] },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    readAnnotations: ['example.com/owner', 'kubectl.kubernetes.io/last-applied-configuration'],
  },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
];
const feed = fc.constantFrom(...feeds);
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });
const objects = fc.array(arbitraryObject, { maxLength: 5 });
const eventTypes = ['ADDED', 'MODIFIED', 'DELETED'];

/** The outcome with texts parsed, and without the names that a refusal may or may not know. */
function comparable({ events, fault }: Outcome): Outcome {
  return {
    fault,
    events: events.map((event) => {
      const { text, ...rest } = event as { text?: string };
      if (text !== undefined) return { ...rest, value: JSON.parse(text) as unknown };
      const { name: _, namespace: __, ...anonymous } = rest as Json;
      return anonymous;
    }),
  };
}

function expectedEvent(event: string, object: Json, options: ScannerOptions): Json {
  const expected = referenceObject(object, options);
  if (expected === undefined) return { event: 'unscannable', reason: 'badIdentity' };
  return { event, ...expected };
}

describe('both kernels on watch bodies', () => {
  it('give what the reference gives, wherever the chunks end', () => {
    const property = fc.property(
      objects,
      arbitrarySeries,
      cuts,
      feed,
      (all, series, at, options) => {
        const decisions = new Decisions(series);
        const events = all.map((object, index) => ({ type: eventTypes[index % 3] ?? '', object }));
        const lines = events.map((event) => `${spell(event, decisions, 'oneLine')}\n`);
        const chunks = chunksOf(Buffer.from(lines.join('')), at);

        const wasm = watchOutcome({ ...options, kernel: 'wasm' }, chunks);
        const typescript = watchOutcome({ ...options, kernel: 'typescript' }, chunks);

        expect(typescript).toEqual(wasm);
        expect(comparable(wasm)).toEqual({
          events: events.map((event) =>
            expectedEvent(event.type.toLowerCase(), event.object, options),
          ),
          fault: '',
        });
      },
    );

    fc.assert(property, runs);
  });
});

describe('both kernels on list bodies', () => {
  const list = fc.record({
    items: objects,
    resourceVersion: fc.constantFrom('12', 'é"'),
    token: fc.constantFrom('', 'eyJ2IjoibWV0YS'),
    order: fc.shuffledSubarray(['kind', 'apiVersion', 'metadata', 'items', 'other'], {
      minLength: 5,
    }),
    shape: fc.constantFrom('items', 'rows'),
  });

  it('give what the reference gives, wherever the chunks end', () => {
    const property = fc.property(list, arbitrarySeries, cuts, feed, (body, series, at, options) => {
      const members: Json = {
        kind: body.shape === 'rows' ? 'Table' : 'AnyList',
        apiVersion: 'v1',
        metadata: { continue: body.token, resourceVersion: body.resourceVersion },
        items:
          body.shape === 'rows'
            ? body.items.map((object) => ({ cells: ['}', 1, null], object }))
            : body.items,
        other: [{ items: [1, '"]}'] }],
      };
      const named = body.order.map((key) => [key === 'items' ? body.shape : key, members[key]]);
      const json = spell(Object.fromEntries(named), new Decisions(series), 'anyLines');
      const chunks = chunksOf(Buffer.from(json), at);

      const wasm = listOutcome({ ...options, kernel: 'wasm' }, chunks);
      const typescript = listOutcome({ ...options, kernel: 'typescript' }, chunks);

      expect(typescript).toEqual(wasm);
      expect(comparable(wasm)).toEqual({
        events: [
          ...body.items.map((object) => expectedEvent('object', object, options)),
          {
            event: 'listMeta',
            resourceVersion: body.resourceVersion,
            continueToken: body.token,
          },
        ],
        fault: '',
      });
    });

    fc.assert(property, runs);
  });
});

describe('what is not cut', () => {
  it('leaves byte for byte as it came', () => {
    const property = fc.property(arbitraryObject, feed, (object, options) => {
      const whole = { kind: 'Secret', apiVersion: 'v1', ...object };
      const line = `${JSON.stringify({ type: 'ADDED', object: whole })}\n`;

      const { events } = watchOutcome(options, [Buffer.from(line)]);

      const expected = referenceObject(whole, options);
      const { text } = (events[0] ?? {}) as { text?: string };
      expect(text).toBe(expected && JSON.stringify(expected.value));
    });

    fc.assert(property, runs);
  });
});
