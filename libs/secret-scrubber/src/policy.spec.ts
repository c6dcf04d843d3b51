import { listOutcome, watchOutcome } from '../tests/outcome.ts';
import type { KernelName, ScannerOptions } from './scanner.ts';
import { createWatchScanner } from './watch-scanner.ts';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

describe.each<KernelName>(['wasm', 'typescript'])('what leaves, with %s', (kernel) => {
  const pods: ScannerOptions = { apiVersion: 'v1', kind: 'Pod', kernel };
  const secrets: ScannerOptions = { apiVersion: 'v1', kind: 'Secret', kernel };
  const named = '"metadata":{"name":"n"}';

  function eventOf(options: ScannerOptions, object: string): { text?: string } {
    const body = Buffer.from(`{"type":"ADDED","object":${object}}\n`);
    return watchOutcome(options, [body]).events[0] as { text?: string };
  }

  describe('by redact', () => {
    it.each([
      ['.a', '{"a":1,"b":2,#}', '{"b":2,#}', 1],
      ['.a', '{"b":2,"a":{"x":"y"},#}', '{"b":2,#}', 1],
      ['.a', '{#,"a":[1,2]}', '{#}', 1],
      ['.a', '{"\\u0061":1,#}', '{#}', 1],
      ['.a', '{"a":1,"a":2,#,"a":3}', '{#}', 3],
      ['.a.b', '{"a":{"b":1},#}', '{"a":{},#}', 1],
      ['.a.b', '{"a":[{"b":1}],#}', '{"a":[{"b":1}],#}', 0],
      ['.a.b', '{"a":"b",#}', '{"a":"b",#}', 0],
      ['.a[*]', '{"a":[1,{},"x"],#}', '{"a":[],#}', 3],
      ['.a[*]', '{"a":{"x":1,"y":2},#}', '{"a":{},#}', 2],
      ['.a[*].v', '{"a":[{"v":1},{"w":2,"v":3},4],#}', '{"a":[{},{"w":2},4],#}', 2],
      ['.a[*].v', '{ "a" : [ { "v" : 1 , "w":2 } ] , # }', '{ "a" : [ { "w":2 } ] , # }', 1],
      ["['é\\'\\\\']", '{"\\u00e9\'\\\\":1,#}', '{#}', 1],
      ['[*].z', '{"a":{"z":1,"y":2},"b":[{"z":1}],#}', '{"a":{"y":2},"b":[{"z":1}],#}', 1],
    ])('cuts %s from %s', (path, object, kept, scrubbedValues) => {
      const head = '"kind":"Pod","apiVersion":"v1",';
      const event = eventOf({ ...pods, redact: [path] }, object.replace('#', head + named));

      expect(event).toMatchObject({
        text: kept.replace('#', head + named),
        name: 'n',
        scrubbedValues,
      });
    });

    it('cuts what lies inside one another once', () => {
      const redact = ['.a.b', '.a', '.a[*]', '.c[*].d', '.c.e.d'];

      const event = eventOf({ ...pods, redact }, `{"a":{"b":1},"c":{"e":{"d":1}},${named}}`);

      expect(event).toMatchObject({
        text: `{"kind":"Pod","apiVersion":"v1","c":{"e":{}},${named}}`,
        scrubbedValues: 2,
      });
    });

    it('takes the copies along: last-applied configuration and managedFields', () => {
      const metadata = `{"managedFields":[{"v:\\"x\\"":{}}],"annotations":{"${lastApplied}":"x","b":"c"},"name":"n"}`;
      const readAnnotations = [lastApplied, 'b'];

      const event = eventOf(
        { ...pods, redact: ['.x'], prune: [], readAnnotations },
        `{"metadata":${metadata}}`,
      );

      expect(event).toMatchObject({
        text: '{"kind":"Pod","apiVersion":"v1","metadata":{"annotations":{"b":"c"},"name":"n"}}',
        annotations: { b: 'c' },
        scrubbedValues: 1,
      });
    });

    it('cuts from a Secret beside all that goes anyhow, and counts nothing twice', () => {
      const metadata = `{"name":"s","annotations":{"${lastApplied}":"x","b":"c"},"managedFields":[]}`;
      const object = `{"spec":1,"data":{"a":"b","c":"d"},"metadata":${metadata},"DATA":2,"x":3}`;
      const redact = ['.data.a', '.metadata.annotations[*]', '.spec', '.none'];

      const both = object.replace('"DATA":2,', '');
      expect(eventOf({ ...secrets, redact }, both)).toMatchObject({
        text: '{"kind":"Secret","apiVersion":"v1","metadata":{"name":"s","annotations":{}},"x":3}',
        scrubbedValues: 2 + 1 + 2,
      });
      expect(eventOf({ ...secrets, redact }, object)).toMatchObject({ reason: 'duplicateKey' });
    });

    it('does not hand out an annotation that is cut', () => {
      const object = '{"metadata":{"annotations":{"a":"b"},"name":"n"}}';
      const readAnnotations = ['a'];

      for (const redact of [['.metadata.annotations'], ['.metadata.annotations.a']]) {
        expect(eventOf({ ...pods, redact, readAnnotations }, object)).toMatchObject({
          annotations: {},
          name: 'n',
        });
      }
    });
  });

  describe('by prune', () => {
    const object = `{"metadata":{"managedFields":[1],"name":"n","labels":{"a":"b"}},"spec":{"b":1,"a":2}}`;
    const head = '{"kind":"Pod","apiVersion":"v1",';

    it.each([
      [undefined, '"metadata":{"name":"n","labels":{"a":"b"}},"spec":{"b":1,"a":2}}'],
      [
        ['{.metadata.managedFields}'],
        '"metadata":{"name":"n","labels":{"a":"b"}},"spec":{"b":1,"a":2}}',
      ],
      [[], object.slice(1)],
      [
        ['.spec.b'],
        '"metadata":{"managedFields":[1],"name":"n","labels":{"a":"b"}},"spec":{"a":2}}',
      ],
      [
        ['.metadata.labels', '.metadata.managedFields', '.spec[*]'],
        '"metadata":{"name":"n"},"spec":{}}',
      ],
    ])('%p leaves %s and counts nothing', (prune, kept) => {
      const event = eventOf({ ...pods, ...(prune && { prune }) }, object);

      expect(event).toMatchObject({ text: head + kept, scrubbedValues: 0 });
    });

    it('never lets managedFields of a Secret stay', () => {
      const secret = '{"metadata":{"name":"s","managedFields":[1]},"data":{}}';

      for (const prune of [[], ['.x'], ['.metadata.labels']]) {
        expect(eventOf({ ...secrets, prune }, secret).text).toBe(
          '{"kind":"Secret","apiVersion":"v1","metadata":{"name":"s"}}',
        );
      }
    });
  });

  describe('in the form of metadata', () => {
    const metadataOnly: ScannerOptions = { ...secrets, form: 'metadata' };

    it.each([
      [
        '{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1",#}',
        '{"kind":"Secret","apiVersion":"v1",#}',
      ],
      [
        '{#,"apiVersion" : "meta.k8s.io\\/v1beta1", "kind":"PartialObjectMetadat\\u0061"}',
        '{#,"apiVersion" : "v1", "kind":"Secret"}',
      ],
      ['{#}', '{"kind":"Secret","apiVersion":"v1",#}'],
      ['{"kind":"Secret","apiVersion":"v1",#,"data":{}}', '{"kind":"Secret","apiVersion":"v1",#}'],
      [
        '{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1",#,"data":{}}',
        '{"kind":"Secret","apiVersion":"v1",#}',
      ],
    ])('writes %s as %s', (object, kept) => {
      expect(eventOf(metadataOnly, object.replace('#', named))).toMatchObject({
        text: kept.replace('#', named),
        apiVersion: 'v1',
        kind: 'Secret',
        name: 'n',
      });
    });

    it('leaves a type of the same name in another group alone', () => {
      const object = `{"kind":"PartialObjectMetadata","apiVersion":"example.com/v1",${named}}`;

      expect(eventOf(metadataOnly, object)).toMatchObject({ text: object });
    });

    it('reads lists, bookmarks and errors', () => {
      const partial = `"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1"`;
      const list = `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"5"},"items":[{${partial},${named}}]}`;
      const watch =
        `{"type":"BOOKMARK","object":{${partial},"metadata":{"resourceVersion":"9"}}}\n` +
        '{"type":"ERROR","object":{"kind":"Status","code":410}}\n';

      expect(listOutcome(metadataOnly, [Buffer.from(list)]).events).toMatchObject([
        { text: `{"kind":"Secret","apiVersion":"v1",${named}}` },
        { event: 'listMeta' },
      ]);
      expect(watchOutcome(metadataOnly, [Buffer.from(watch)]).events).toMatchObject([
        { event: 'bookmark', resourceVersion: '9' },
        { event: 'error', code: 410 },
      ]);
    });
  });

  describe('of the chunks, with wipeChunks', () => {
    it.each([
      '{"type":"ADDED","object":{"metadata":{"name":"n"},"data":{"a":"b"}}}\n',
      'oops\n',
      '{"ty',
    ])('leaves only zeros in place of %j', (text) => {
      const around = Buffer.from(`<${text}>`);
      const chunk = around.subarray(1, -1);
      const scanner = createWatchScanner({ ...secrets, wipeChunks: true });

      scanner.push(chunk);
      scanner.dispose();

      expect(chunk.every((byte) => byte === 0)).toBe(true);
      expect([around.at(0), around.at(-1)]).toEqual([...Buffer.from('<>')]);
    });

    it('wipes the chunk also when the scanner refuses to read it', () => {
      const scanner = createWatchScanner({ ...secrets, wipeChunks: true });
      const chunk = Buffer.from('secret');
      scanner.dispose();

      expect(() => scanner.push(chunk)).toThrow('ended or disposed');
      expect(chunk.every((byte) => byte === 0)).toBe(true);
    });

    it('writes nothing into a chunk otherwise', () => {
      const chunk = Buffer.from('{"type":"ADDED","object":{}}\n');
      const copy = Buffer.from(chunk);

      createWatchScanner(secrets).push(chunk);

      expect(chunk).toEqual(copy);
    });
  });
});
