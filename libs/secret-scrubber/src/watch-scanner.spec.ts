import { chunksOf, faultOf, watchOutcome } from '../tests/outcome.ts';
import type { KernelName, ScannerOptions } from './scanner.ts';
import { selectKernel } from './select-kernel.ts';
import { createWatchScanner } from './watch-scanner.ts';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

describe.each<KernelName>(['wasm', 'typescript'])('createWatchScanner with %s', (kernel) => {
  const pods: ScannerOptions = { apiVersion: 'v1', kind: 'Pod', kernel };
  const secrets: ScannerOptions = { apiVersion: 'v1', kind: 'Secret', kernel };

  function eventsOf(options: ScannerOptions, ...lines: string[]): readonly unknown[] {
    return watchOutcome(options, [Buffer.from(lines.map((line) => `${line}\n`).join(''))]).events;
  }

  function textOf(options: ScannerOptions, object: string): string | undefined {
    const [event] = eventsOf(options, `{"type":"ADDED","object":${object}}`);
    return (event as { text?: string }).text;
  }

  it('reads identity and cuts managedFields', () => {
    const object =
      '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p","namespace":"ns","uid":"u-1",' +
      '"resourceVersion":"7","managedFields":[{"f:data":{}}]},"spec":{"n":9007199254740993}}';

    const events = eventsOf(pods, `{"type":"MODIFIED","object":${object}}`);

    expect(events).toEqual([
      {
        event: 'modified',
        text: object.replace(',"managedFields":[{"f:data":{}}]', ''),
        annotations: {},
        apiVersion: 'v1',
        kind: 'Pod',
        namespace: 'ns',
        name: 'p',
        uid: 'u-1',
        resourceVersion: '7',
        scrubbedValues: 0,
      },
    ]);
  });

  it.each([
    [
      'kind behind the data',
      '{"data":{"a":"x"},"metadata":{"name":"s"},"apiVersion":"v1","kind":"Secret"}',
    ],
    [
      'an escaped key',
      '{"kind":"Secret","apiVersion":"v1","\\u0064at\\u0061":{"a":"x"},"metadata":{"name":"s"}}',
    ],
    [
      'an escaped kind',
      '{"kind":"\\u0053ecret","apiVersion":"v1","metadata":{"name":"s"},"data":{"a":"x"}}',
    ],
    [
      'capital letters',
      '{"kind":"Secret","apiVersion":"v1","metadata":{"name":"s"},"Data":{"a":"x"}}',
    ],
    [
      'data of another shape',
      '{"kind":"Secret","apiVersion":"v1","metadata":{"name":"s"},"data":["x"]}',
    ],
  ])('cuts the data of a Secret among Pods: %s', (_, object) => {
    const text = textOf(pods, object);

    const parsed = JSON.parse(text ?? '{}') as object;
    expect(Object.keys(parsed).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
  });

  it.each([
    ['{"a":"b","c":["d"]}', { scrubbedValues: 2 }],
    ['{"a":tru}', { event: 'unscannable', reason: 'malformed', name: 's' }],
    ['{"a":["b"}}', { event: 'unscannable', reason: 'malformed', name: 's' }],
  ])('checks a Secret among Pods strictly: %s', (data, expected) => {
    const secret = `{"kind":"Secret","apiVersion":"v1","metadata":{"name":"s"},"data":${data}}`;
    const lines = ['ADDED', 'DELETED'].map((type) => `{"type":"${type}","object":${secret}}`);

    expect(eventsOf(pods, ...lines)).toMatchObject([expected, expected]);
  });

  it('takes every object of a feed of Secrets for a Secret', () => {
    const text = textOf(
      secrets,
      '{"kind":"Other","apiVersion":"x/v1","metadata":{"name":"s"},"data":{}}',
    );

    expect(text).toBe('{"kind":"Other","apiVersion":"x/v1","metadata":{"name":"s"}}');
  });

  it('leaves the data of other kinds alone, also of a custom Secret', () => {
    const custom =
      '{"kind":"Secret","apiVersion":"example.com/v1","metadata":{"name":"s"},"data":{}}';

    expect(textOf(pods, custom)).toBe(custom);
  });

  it('cuts all members wherever they stand and counts the values', () => {
    const object =
      ' { "stringData" : {"a":"b"} , "data":{"c":"d","e":"f"}, "metadata": { "annotations" : ' +
      `{ "${lastApplied}" : "{}" } , "managedFields":[] , "name" : "s" } }`;

    const [event] = eventsOf(secrets, `{"type":"DELETED","object":${object}}`);

    expect(event).toMatchObject({
      event: 'deleted',
      text: '{"kind":"Secret","apiVersion":"v1", "metadata": { "annotations" : { } , "name" : "s" } }',
      scrubbedValues: 4,
    });
  });

  it('hands out asked-for annotations, decoded, but not the last-applied copy of a Secret', () => {
    const readAnnotations = ['example.com/owner', 'example.com/none', lastApplied];
    const object = (kind: string) =>
      `{"kind":"${kind}","apiVersion":"v1","metadata":{"name":"o","annotations":{"${lastApplied}":"copy",` +
      '"example.com\\/owner":"Zo\\u00eb é","example.com/none":1}}}';
    const line = (kind: string) => `{"type":"ADDED","object":${object(kind)}}`;

    const events = eventsOf({ ...pods, readAnnotations }, line('Secret'), line('Pod'));

    expect(events).toMatchObject([
      { annotations: { 'example.com/owner': 'Zoë é' } },
      { annotations: { 'example.com/owner': 'Zoë é', [lastApplied]: 'copy' } },
    ]);
  });

  it('reads bookmarks', () => {
    const bookmark = (metadata: string) =>
      `{"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":${metadata}}}`;
    const ending = '{"resourceVersion":"9","annotations":{"k8s.io/initial-events-end":"true"}}';

    const events = eventsOf(
      pods,
      bookmark('{"resourceVersion":"8"}'),
      bookmark(ending),
      bookmark('{}'),
    );

    expect(events).toEqual([
      { event: 'bookmark', resourceVersion: '8', initialEventsEnd: false },
      { event: 'bookmark', resourceVersion: '9', initialEventsEnd: true },
      { event: 'unscannable', reason: 'badIdentity' },
    ]);
  });

  it('reads code, reason and message of an error', () => {
    const events = eventsOf(
      pods,
      '{"object":{"message":"too old \\"12\\"","code":410,"reason":"Expired","kind":"Status"},"type":"ERROR"}',
      '{"type":"ERROR","object":{"kind":"Status","code":"x"}}',
      '{"type":"ERROR","object":{"kind":"Secret","message":"x"}}',
    );

    expect(events).toEqual([
      { event: 'error', code: 410, reason: 'Expired', message: 'too old "12"' },
      { event: 'error', code: 0, reason: '', message: '' },
      { event: 'unscannable', reason: 'malformed' },
    ]);
  });

  it.each([
    ['duplicateKey', '{"metadata":{"name":"n"},"data":{},"data":{}}'],
    ['duplicateKey', '{"metadata":{"name":"n"},"data":{},"\\u0044ata":{}}'],
    ['duplicateKey', '{"metadata":{"name":"n","uid":"a","uid":"b"}}'],
    [
      'duplicateKey',
      `{"metadata":{"name":"n","annotations":{"${lastApplied}":1,"${lastApplied}":2}}}`,
    ],
    ['invalidUtf8', '{"metadata":{"name":"n"},"data":{"a":"\u00ff"}}'],
    ['badIdentity', '{"metadata":{"name":"n"},"kind":1}'],
    ['badIdentity', '{"metadata":{"name":"n","annotations":"x"}}'],
    ['malformed', '{"metadata":{"name":"n"},"data":{"a":01}}'],
    ['malformed', '{"metadata":{"name":"n"},"data":{"a":"\\x"}}'],
    ['malformed', '{"metadata":{"name":"n"},"data":{"a":"b"}'],
    ['malformed', '{"metadata":{"name":"n"}},"more":{}}{'],
  ])('holds an object back as %s and names it: %s', (reason, object) => {
    const lines = [
      `{"type":"ADDED","object":${object}}`,
      '{"type":"ADDED","object":{"metadata":{"name":"next"}}}',
    ];
    const body = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');

    const { events, fault } = watchOutcome(secrets, [body]);

    expect(events).toMatchObject([{ event: 'unscannable', reason, name: 'n' }, { name: 'next' }]);
    expect(fault).toBe('');
  });

  it.each([
    ['no object', '{"type":"ADDED"}', 'badIdentity'],
    ['an object that is none', '{"type":"ADDED","object":null}', 'badIdentity'],
    ['no name', '{"type":"ADDED","object":{"metadata":{"name":""}}}', 'badIdentity'],
    ['an unknown type', '{"type":"CREATED","object":{"metadata":{}}}', 'malformed'],
    ['two types', '{"type":"ADDED","type":"ERROR","object":{"metadata":{}}}', 'duplicateKey'],
    [
      'two objects',
      '{"type":"ADDED","object":{"metadata":{}},"object":{"metadata":{}}}',
      'duplicateKey',
    ],
    ['no JSON', 'upstream connect error', 'malformed'],
    ['a byte too many', '{"type":"ADDED","object":{"metadata":{"name":""}}},', 'malformed'],
  ])('refuses a line with %s', (_, line, reason) => {
    expect(eventsOf(pods, line)).toEqual([{ event: 'unscannable', reason }]);
  });

  it('refuses an object above the limit, whatever the chunks, and takes one at the limit', () => {
    const object = '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"n"},"a":"12345"}';
    const body = Buffer.from(`{"type":"ADDED","object":${object}}\n`);
    const limited = (maxObjectBytes: number, cuts: number[]) =>
      watchOutcome({ ...pods, maxObjectBytes }, chunksOf(body, cuts)).events;

    for (const cuts of [[], [0.3], [0.1, 0.5, 0.99]]) {
      expect(limited(object.length, cuts)).toMatchObject([{ event: 'added', text: object }]);
      expect(limited(object.length - 1, cuts)).toMatchObject([{ reason: 'tooLarge', name: 'n' }]);
    }
  });

  it('does not read on from a broken line into the next', () => {
    const [half, rest] = ['{"type":"ADDED","object":{"metadata":{"uid":"u",', '"name":"n"}}}'];

    expect(eventsOf(pods, half, rest)).toEqual([
      { event: 'unscannable', reason: 'malformed' },
      { event: 'unscannable', reason: 'malformed' },
    ]);
  });

  it.each(['"}}}\n', '"}}}\noops\n', ''])(
    'leaves nothing in the kernel behind a chunk ending in %j',
    (end) => {
      const scanner = createWatchScanner(secrets);

      scanner.push(
        Buffer.from(`{"type":"ADDED","object":{"metadata":{"name":"s"},"data":{"a":"b${end}`),
      );

      expect(selectKernel(kernel).bytes.every((byte) => byte === 0)).toBe(true);
    },
  );

  it('skips blank lines and takes a last line without line feed', () => {
    const body = Buffer.from('\r\n  \n{"type":"ADDED","object":{"metadata":{"name":"n"}}} ');

    expect(watchOutcome(pods, [body])).toMatchObject({ events: [{ name: 'n' }], fault: '' });
  });

  it('throws truncated for half a line, after the events before it', () => {
    const body = Buffer.from(
      '{"type":"ADDED","object":{"metadata":{"name":"n"}}}\n{"type":"ADDED","obj',
    );

    expect(watchOutcome(pods, [body])).toMatchObject({
      events: [{ name: 'n' }],
      fault: 'truncated',
    });
  });

  it('refuses to be used after its end', () => {
    const scanner = createWatchScanner(pods);
    scanner.end();

    expect(faultOf(() => scanner.push(Buffer.from('{}')))).toBe('closed');
    expect(faultOf(() => scanner.end())).toBe('closed');
  });

  it('gives bytes that no later chunk changes', () => {
    const scanner = createWatchScanner(pods);
    const line = (name: string) =>
      Buffer.from(`{"type":"ADDED","object":{"metadata":{"name":"${name}"}}}\n`);
    const [first] = scanner.push(line('first'));

    scanner.push(line('other'));

    const bytes = first && 'object' in first ? first.object.bytes : Buffer.alloc(0);
    expect(Buffer.from(bytes).toString()).toContain('"name":"first"');
  });
});
