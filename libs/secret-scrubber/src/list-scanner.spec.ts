import { chunksOf, faultOf, listOutcome } from '../tests/outcome.ts';
import { createListScanner } from './list-scanner.ts';
import type { KernelName, ScannerOptions } from './scanner.ts';
import { selectKernel } from './select-kernel.ts';

describe.each<KernelName>(['wasm', 'typescript'])('createListScanner with %s', (kernel) => {
  const pods: ScannerOptions = { apiVersion: 'v1', kind: 'Pod', kernel };
  const secrets: ScannerOptions = { apiVersion: 'v1', kind: 'Secret', kernel };
  const meta = (resourceVersion: string, continueToken = '') => ({
    event: 'listMeta',
    resourceVersion,
    continueToken,
  });

  function read(options: ScannerOptions, body: string) {
    const whole = listOutcome(options, [Buffer.from(body)]);
    const bytes = Array.from({ length: body.length }, (_, index) => index / body.length);
    expect(listOutcome(options, chunksOf(Buffer.from(body), bytes))).toEqual(whole);
    return whole;
  }

  it('adds the kind and API version that items lack, each on its own', () => {
    const body =
      '{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"5","continue":"abc"},"items":[' +
      '{"metadata":{"name":"a"}}, {"kind":"Pod","metadata":{"name":"b"}},' +
      '{ "apiVersion":"v1","metadata":{"name":"c"}}]}\n';

    const { events } = read(pods, body);

    expect(events).toMatchObject([
      { text: '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}', kind: 'Pod' },
      { text: '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b"}}', apiVersion: 'v1' },
      { text: '{"kind":"Pod", "apiVersion":"v1","metadata":{"name":"c"}}', name: 'c' },
      meta('5', 'abc'),
    ]);
  });

  it('takes metadata behind the items', () => {
    const body =
      '{"items":[{"metadata":{"name":"a"}}],"metadata":{"resourceVersion":"5"},"kind":"PodList"}';

    expect(read(pods, body).events).toMatchObject([{ name: 'a' }, meta('5')]);
  });

  it.each(['"items":null,', '"items":[],', '"items": [ ] ,', ''])(
    'takes %p for an empty list',
    (items) => {
      const body = `{${items}"kind":"PodList","metadata":{"resourceVersion":"5"}}`;

      expect(read(pods, body)).toEqual({ events: [meta('5')], fault: '' });
    },
  );

  it('reads a pretty-printed list of Secrets', () => {
    const list = {
      kind: 'SecretList',
      metadata: {},
      items: [
        { metadata: { name: 's', managedFields: [{}] }, data: { a: 'eA==' }, type: 'Opaque' },
      ],
    };

    const { events } = read(secrets, JSON.stringify(list, null, 2));

    const [{ text }] = events as [{ text: string }];
    expect(JSON.parse(text)).toEqual({
      kind: 'Secret',
      apiVersion: 'v1',
      metadata: { name: 's' },
      type: 'Opaque',
    });
    expect(events).toMatchObject([{ scrubbedValues: 1 }, meta('')]);
  });

  it('takes the objects out of the rows of a Table', () => {
    const body =
      '{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"5"},' +
      '"columnDefinitions":[{"name":"Name"}],"rows":[{"cells":["s",1],"object":{"kind":' +
      '"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"s"}}},' +
      '{"cells":["t"],"object":null}]}';

    expect(read(secrets, body).events).toMatchObject([
      { kind: 'PartialObjectMetadata', name: 's' },
      { event: 'unscannable', reason: 'badIdentity' },
      meta('5'),
    ]);
  });

  it('reads a Status instead of a list', () => {
    const body =
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"no \\u0022x\\"",' +
      '"reason":"Forbidden","details":{"kind":"pods"},"code":403}';

    expect(read(pods, body)).toEqual({
      events: [{ event: 'status', code: 403, reason: 'Forbidden', message: 'no "x"' }],
      fault: '',
    });
  });

  it('holds single items back and reads on', () => {
    const body =
      '{"kind":"PodList","items":[{"metadata":{"name":"a"},"metadata":{}},{"metadata":{"name":"b"}},' +
      `{"metadata":{"name":"c"},"x":"${'x'.repeat(200)}"},{"metadata":{"name":"d"}}]}`;

    const { events } = read({ ...pods, maxObjectBytes: 100 }, body);

    expect(events).toMatchObject([
      { event: 'unscannable', reason: 'duplicateKey', name: 'a' },
      { name: 'b' },
      { event: 'unscannable', reason: 'tooLarge', name: 'c' },
      { name: 'd' },
      meta(''),
    ]);
  });

  it.each([
    ['another answer', '{"kind":"Secret","apiVersion":"v1","metadata":{},"data":{"a":"b"}}'],
    ['an empty object', '{}'],
    ['an array', '[]'],
    ['a text', 'upstream connect error'],
    ['items that are no array', '{"kind":"PodList","items":{}}'],
    ['items that are no objects', '{"kind":"PodList","items":[null]}'],
    ['an item that is not JSON', '{"kind":"PodList","items":[{"metadata":{"name":"a"},}]}'],
    ['a held back item that is not JSON', '{"kind":"PodList","items":[{"kind":1,"a":[}]}]}'],
    [
      'a Secret among the items that is not JSON',
      '{"items":[{"kind":"Secret","apiVersion":"v1","metadata":{"name":"s"},"data":{"a":tru}}]}',
    ],
    ['no comma between items', '{"kind":"PodList","items":[{"metadata":{"name":""}} {}]}'],
    ['a comma behind the last item', '{"kind":"PodList","items":[{"metadata":{"name":""}},]}'],
    ['items twice', '{"kind":"PodList","items":[],"items":[]}'],
    ['metadata twice', '{"kind":"PodList","metadata":{},"items":[],"metadata":{}}'],
    ['something behind its end', '{"kind":"PodList","items":[]}{'],
    ['a Status with items', '{"kind":"Status","items":[]}'],
    ['Secrets instead of Pods', '{"kind":"SecretList","items":[{"metadata":{"name":"s"}}]}'],
  ])('fails on %s', (_, body) => {
    const { events, fault } = read(pods, body);

    expect(fault).toBe('malformed');
    expect(events.filter((event) => 'text' in (event as object))).toEqual([]);
  });

  it.each([
    '',
    '{"kind":"PodList"',
    '{"kind":"PodList","items":[',
    '{"kind":"PodList","items":[{"a":"b',
  ])('throws truncated behind %p', (body) => {
    expect(read(pods, body)).toEqual({ events: [], fault: 'truncated' });
  });

  it('leaves nothing in the kernel, also behind a fault', () => {
    const scanner = createListScanner(secrets);
    const item = '{"metadata":{"name":"s"},"data":{"a":"b"}}';

    const fault = faultOf(() => scanner.push(Buffer.from(`{"items":[${item.slice(0, -2)}oops`)));

    expect(fault).toBe('malformed');
    expect(selectKernel(kernel).bytes.every((byte) => byte === 0)).toBe(true);
  });

  it('hands out the events before a fault and throws at the next call, for good', () => {
    const scanner = createListScanner(pods);
    const body = Buffer.from('{"kind":"PodList","items":[{"metadata":{"name":"a"}},oops');

    expect(scanner.push(body)).toMatchObject([{ kind: 'object' }]);
    expect(faultOf(() => scanner.push(Buffer.from(' ')))).toBe('malformed');
    expect(faultOf(() => scanner.end())).toBe('malformed');
  });

  it('reads many chunks far larger than its window', () => {
    const item = `{"metadata":{"name":"n"},"data":"${'x'.repeat(3000)}"}`;
    const body = `{"kind":"PodList","items":[${Array.from({ length: 1000 }, () => item).join(',')}]}`;

    const { events, fault } = listOutcome(pods, [Buffer.from(body)]);

    expect(events).toHaveLength(1001);
    expect(fault).toBe('');
  });
});
