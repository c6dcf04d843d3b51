import type { ScannedObject } from './scanner.ts';
import { createListScanner } from './list-scanner.ts';
import { ScrubberError } from './scrubber-error.ts';
import { createWatchScanner } from './watch-scanner.ts';

const kernels = ['wasm', 'typescript'] as const;
const feed = { apiVersion: 'v1', kind: 'ConfigMap' } as const;

function line(name: string, filling = ''): Buffer {
  const object = `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"${name}"},"data":{"a":"${filling}"}}`;
  return Buffer.from(`{"type":"ADDED","object":${object}}\n`);
}

function objectsOf(events: readonly object[]): ScannedObject[] {
  return events.flatMap((event) => ('object' in event ? [event.object as ScannedObject] : []));
}

describe.each(kernels)('lent objects (%s)', (kernel) => {
  const options = { ...feed, kernel, objects: 'lent' } as const;

  it('are read until they are released, and throw afterwards', () => {
    const scanner = createWatchScanner(options);
    const [object] = objectsOf(scanner.push(line('one')));

    expect(Buffer.from(object!.bytes).toString()).toContain('"name":"one"');
    scanner.release();

    expect(() => object!.bytes).toThrow('released');
    expect(() => object!.name).toThrow(ScrubberError);
  });

  it('are copied before another scanner uses the memory', () => {
    const [scanner, other] = [createWatchScanner(options), createWatchScanner(options)];
    const [object] = objectsOf(scanner.push(line('one', 'first')));
    other.push(line('two', 'other'));
    other.release();

    expect(object!.name).toBe('one');
    expect(Buffer.from(object!.bytes).toString()).toContain('"a":"first"');
  });

  it('are copied before the memory grows', () => {
    const [scanner, other] = [createWatchScanner(options), createWatchScanner(options)];
    const [object] = objectsOf(scanner.push(line('one', 'first')));
    other.push(line('two', 'x'.repeat(3_000_000)));

    expect(object!.name).toBe('one');
    expect(Buffer.from(object!.bytes).toString()).toContain('"a":"first"');
  });

  it('stay when another scanner releases its own', () => {
    const [scanner, other] = [createWatchScanner(options), createWatchScanner(options)];
    other.push(line('two'));
    const [object] = objectsOf(scanner.push(line('one')));
    other.release();

    expect(object!.name).toBe('one');
  });

  it('of many batches in one chunk are all right', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `n${String(index)}`);
    const items = names.map((name) => `{"metadata":{"name":"${name}"},"data":{"a":"of ${name}"}}`);
    const scanner = createListScanner(options);

    const objects = objectsOf(scanner.push(Buffer.from(`{"items":[${items.join(',')}]}`)));

    expect(objects.map(({ name }) => name)).toEqual(names);
    for (const { name, bytes } of objects) {
      expect(Buffer.from(bytes).toString()).toContain(`"a":"of ${name}"`);
    }
  });
});

describe.each(kernels)('stretches of an object (%s)', (kernel) => {
  const read = (metadata: string): ScannedObject => {
    const object = `{"kind":"ConfigMap","apiVersion":"v1","metadata":{${metadata}},"data":{"a":"ä"}}`;
    const scanner = createWatchScanner({ ...feed, kernel });
    return objectsOf(scanner.push(Buffer.from(`{"type":"ADDED","object":${object}}\n`)))[0]!;
  };

  it.each([
    ['with all strings', '"name":"n1","namespace":"ns","uid":"u-1","resourceVersion":"42"'],
    ['without a namespace and uid', '"resourceVersion":"42","name":"n1"'],
  ])('%s say the same as the strings do', (_, metadata) => {
    const object = read(metadata);
    const { source, places, first } = object.stretches!;

    const texts = [0, 2, 4, 6, 8].map((at) =>
      source.toString(
        'utf8',
        Math.max(0, places[first + at]!),
        Math.max(0, places[first + at + 1]!),
      ),
    );

    const { resourceVersion, namespace, name, uid, bytes } = object;
    expect(texts).toEqual([resourceVersion, namespace, name, uid, Buffer.from(bytes).toString()]);
  });

  it.each(['"name":"n\\u0031"', '"name":"n1","uid":"ü"'])('are not there for %s', (metadata) => {
    expect(read(metadata).stretches).toBeUndefined();
  });
});

it.each(kernels)('objects of their own stay for ever (%s)', (kernel) => {
  const scanner = createWatchScanner({ ...feed, kernel });
  const [object] = objectsOf(scanner.push(line('one', 'first')));
  const { bytes } = object!;
  scanner.push(line('two', 'x'.repeat(300_000)));
  scanner.release();
  scanner.push(line('six', 'third'));

  expect(Buffer.from(bytes).toString()).toContain('"a":"first"');
  expect(object!.name).toBe('one');
});
