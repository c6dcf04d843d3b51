/** Bodies that no API server sends: damaged, endless, too deep, too large. */
import fc from 'fast-check';
import { createListScanner, createWatchScanner } from '../src/index.ts';
import type { KernelName, Scanner, ScannerOptions } from '../src/index.ts';
import { Decisions, arbitraryObject, arbitrarySeries, spell } from './arbitrary-objects.ts';
import { damage, damaged, parsedText } from './damage.ts';
import { chunksOf, faultOf, listOutcome, watchOutcome } from './outcome.ts';
import { referenceObject } from './reference.ts';
import type { Json } from './reference.ts';

const secrets: ScannerOptions = { apiVersion: 'v1', kind: 'Secret' };
const megabyte = 1024 * 1024;
const chunkBytes = 64 * 1024;

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

describe('damaged bodies', () => {
  const runs = { seed: 4711, numRuns: 1000 };

  it('let out of a watch line only what the reference lets out of it', () => {
    const property = fc.property(
      arbitraryObject,
      arbitrarySeries,
      damage,
      cuts,
      (object, series, how, at) => {
        const text = spell({ type: 'ADDED', object }, new Decisions(series), 'oneLine');
        const line = damaged(Buffer.from(text), how);
        const chunks = chunksOf(Buffer.concat([line, Buffer.from('\n')]), at);

        const wasm = watchOutcome({ ...secrets, kernel: 'wasm' }, chunks);
        const typescript = watchOutcome({ ...secrets, kernel: 'typescript' }, chunks);
        const whole = watchOutcome({ ...secrets, kernel: 'wasm' }, [Buffer.concat(chunks)]);

        expect(typescript).toEqual(wasm);
        expect(whole).toEqual(wasm);
        const event = parsedText(line) as { object?: unknown } | undefined;
        const expected = event && referenceObject(event.object, secrets);
        for (const { text: out } of wasm.events as { text?: string }[]) {
          if (out !== undefined) expect(JSON.parse(out)).toEqual(expected?.value);
        }
      },
    );

    fc.assert(property, runs);
  });

  it('of lists end alike in both kernels and in whatever chunks', () => {
    const items = fc.array(arbitraryObject, { minLength: 1, maxLength: 3 });
    const property = fc.property(items, arbitrarySeries, damage, cuts, (all, series, how, at) => {
      const list = { kind: 'SecretList', apiVersion: 'v1', metadata: { resourceVersion: '1' } };
      const text = spell({ ...list, items: all }, new Decisions(series), 'anyLines');
      const body = damaged(Buffer.from(text), how);

      const wasm = listOutcome({ ...secrets, kernel: 'wasm' }, chunksOf(body, at));
      const typescript = listOutcome({ ...secrets, kernel: 'typescript' }, chunksOf(body, at));
      const whole = listOutcome({ ...secrets, kernel: 'wasm' }, [body]);

      expect(typescript).toEqual(wasm);
      expect(whole).toEqual(wasm);
      const parsed = parsedText(body) as { items?: unknown } | undefined;
      const isCounted = /tooDeep|invalidUtf8/.test(JSON.stringify(wasm.events));
      if (wasm.fault === '' && !isCounted) expect(parsed).toBeDefined();
      if (wasm.fault === '' && Array.isArray(parsed?.items)) {
        expect(wasm.events).toHaveLength(parsed.items.length + 1);
      }
    });

    fc.assert(property, runs);
  });

  it('of random bytes never end in anything but events and scrubber errors', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 200 }), cuts, (bytes, at) => {
      const chunks = chunksOf(Buffer.from(bytes), at);

      for (const read of [watchOutcome, listOutcome]) {
        const wasm = read({ ...secrets, kernel: 'wasm' }, chunks);
        expect(read({ ...secrets, kernel: 'typescript' }, chunks)).toEqual(wasm);
        expect(wasm.events.filter((event) => 'text' in (event as Json))).toEqual([]);
      }
    });

    fc.assert(property, runs);
  });
});

/** The same chunk over and over. */
function* repeated(text: string, bytes: number): Generator<Buffer> {
  const chunk = Buffer.from(text.repeat(Math.floor(chunkBytes / text.length)));
  for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk;
}

/** Most memory outside the heap that reading took, beside what there was. */
function peakOf(read: () => Generator): number {
  const before = process.memoryUsage().arrayBuffers;
  let peak = 0;
  for (const _ of read()) {
    peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
  }
  return peak;
}

/** With one kernel each: what lies behind the limit reaches neither of them. */
describe('what should have ended long ago', () => {
  const gigabyte = 1024 * megabyte;
  const options = { ...secrets, maxObjectBytes: megabyte, wipeChunks: false };
  const after = '{"metadata":{"name":"after"},"data":{"a":"b"}}';

  /** Sends head, filling, tail; the events, and the most memory that it took. */
  function send<E>(
    scanner: Scanner<E>,
    [head, filling, tail]: readonly [string, string, string],
    bytes = gigabyte,
  ) {
    const events: E[] = [...scanner.push(Buffer.from(head))];
    const rssBefore = process.memoryUsage.rss();
    const peak = peakOf(function* () {
      for (const chunk of repeated(filling, bytes)) {
        events.push(...scanner.push(chunk));
        yield undefined;
      }
    });
    events.push(...scanner.push(Buffer.from(tail)));
    scanner.dispose();
    return { events, peak, grown: process.memoryUsage.rss() - rssBefore };
  }

  it.each([
    ['a string of a gigabyte', '"', 'c2VjcmV0', '"', gigabyte],
    ['white space', '', ' ', '1', gigabyte / 8],
    ['a number', '1', '0', '', gigabyte / 8],
  ])('as %s in a list is one item that is too large', (_, open, filling, close, bytes) => {
    const scanner = createListScanner({ ...options, kernel: 'typescript' });
    const head = `{"kind":"SecretList","items":[{"metadata":{"name":"big"},"a":${open}`;

    const { events, peak, grown } = send(scanner, [head, filling, `${close}},${after}]}`], bytes);

    expect(events).toMatchObject([
      { kind: 'unscannable', reason: 'tooLarge', name: 'big' },
      { kind: 'object', object: { name: 'after' } },
      { kind: 'listMeta' },
    ]);
    expect(peak).toBeLessThan(8 * megabyte);
    expect(grown).toBeLessThan(200 * megabyte);
  });

  it('as white space of a watch is one line that is too large', () => {
    const scanner = createWatchScanner({ ...options, kernel: 'wasm' });
    const line = `{"type":"ADDED","object":${after}}\n`;

    const { events, peak, grown } = send(scanner, [line, ' ', `\n${line}`]);

    expect(events).toMatchObject([
      { object: { name: 'after' } },
      { kind: 'unscannable', reason: 'tooLarge' },
      { object: { name: 'after' } },
    ]);
    expect(peak).toBeLessThan(8 * megabyte);
    expect(grown).toBeLessThan(200 * megabyte);
  });
});

describe.each<KernelName>(['wasm', 'typescript'])('with the %s kernel', (kernel) => {
  const options = { ...secrets, kernel, maxObjectBytes: megabyte };
  const afterwards = '{"metadata":{"name":"after"},"data":{"a":"b"}}';

  it('refuses an endless string in a list in bounded memory and reads on behind it', () => {
    const scanner = createListScanner(options);
    const events: unknown[] = [];
    const peak = peakOf(function* () {
      scanner.push(
        Buffer.from('{"kind":"SecretList","items":[{"metadata":{"name":"big"},"data":{"a":"'),
      );
      for (const chunk of repeated('c2VjcmV0', 64 * megabyte)) yield scanner.push(chunk);
      events.push(...scanner.push(Buffer.from(`"}},${afterwards}]}`)));
    });

    expect(events).toMatchObject([
      { kind: 'unscannable', reason: 'tooLarge', name: 'big' },
      { kind: 'object', object: { name: 'after', scrubbedValues: 1 } },
      { kind: 'listMeta' },
    ]);
    expect(peak).toBeLessThan(8 * megabyte);
    scanner.dispose();
  });

  it('refuses an endless line of a watch in bounded memory and reads on behind it', () => {
    const scanner = createWatchScanner(options);
    const events: unknown[] = [];
    const peak = peakOf(function* () {
      scanner.push(
        Buffer.from('{"type":"ADDED","object":{"metadata":{"name":"big"},"data":{"a":"'),
      );
      for (const chunk of repeated('c2VjcmV0', 64 * megabyte)) {
        events.push(...scanner.push(chunk));
        yield undefined;
      }
      const line = `{"type":"ADDED","object":${afterwards}}`;
      events.push(...scanner.push(Buffer.from(`"}}}\n${line}\n`)));
    });

    expect(events).toMatchObject([
      { kind: 'unscannable', reason: 'tooLarge', name: 'big' },
      { kind: 'added', object: { name: 'after' } },
    ]);
    expect(peak).toBeLessThan(8 * megabyte);
    scanner.dispose();
  });

  it('refuses ten million open brackets', () => {
    const depth = 10_000_000;
    const scanner = createListScanner({ ...options, maxObjectBytes: 32 * megabyte });
    const events = [
      ...scanner.push(
        Buffer.from('{"kind":"SecretList","items":[{"metadata":{"name":"deep"},"a":'),
      ),
    ];
    for (const half of ['[', ']']) {
      for (const chunk of repeated(half, depth)) events.push(...scanner.push(chunk));
    }
    events.push(...scanner.push(Buffer.from(`},${afterwards}]}`)));

    expect(events).toMatchObject([
      { kind: 'unscannable', reason: 'tooDeep', name: 'deep' },
      { kind: 'object' },
      { kind: 'listMeta' },
    ]);
    scanner.end();
  });

  it('accepts as many levels as the API server does and not one more', () => {
    const line = (depth: number) =>
      Buffer.from(
        `{"type":"ADDED","object":{"metadata":{"name":"n"},"a":${'['.repeat(depth)}1${']'.repeat(depth)}}}\n`,
      );

    expect(watchOutcome(options, [line(10_000)]).events).toMatchObject([{ event: 'added' }]);
    expect(watchOutcome(options, [line(10_001)]).events).toMatchObject([{ reason: 'tooDeep' }]);
  });

  it('reads a million items that are nothing, in bounded memory', () => {
    const scanner = createListScanner({ ...options, kind: 'ConfigMap' });
    let refused = 0;
    const take = (events: readonly { kind: string }[]) => {
      for (const { kind } of events) if (kind === 'unscannable') refused++;
    };
    take(scanner.push(Buffer.from('{"kind":"ConfigMapList","items":[{}')));

    const peak = peakOf(function* () {
      for (const chunk of repeated(',{}', 3 * megabyte)) {
        take(scanner.push(chunk));
        yield undefined;
      }
    });

    take(scanner.push(Buffer.from(']}')));
    scanner.end();
    expect(refused).toBeGreaterThan(megabyte);
    expect(peak).toBeLessThan(8 * megabyte);
  });

  it('fails on a member beside the items that has no end', () => {
    const scanner = createListScanner(options);
    scanner.push(Buffer.from('{"kind":"SecretList","metadata":{"continue":"'));

    const fault = faultOf(() => {
      for (const chunk of repeated('a', 2 * megabyte)) scanner.push(chunk);
    });

    expect(fault).toBe('malformed');
  });
});
