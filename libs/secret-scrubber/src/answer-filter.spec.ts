import { createAnswerFilter, type AnswerFilterOptions } from './answer-filter.ts';
import { ScrubberError } from './scrubber-error.ts';

const canary = 'Y2FuYXJ5LTRmMWM5ZQ==';
const lastApplied = `"kubectl.kubernetes.io/last-applied-configuration":"{\\"data\\":\\"${canary}\\"}"`;
const meta = (name: string) =>
  `"metadata":{"name":"${name}","annotations":{${lastApplied},"a":"b"},"managedFields":[{"v:${canary}":1}]}`;
const kept = (name: string) => `"metadata":{"name":"${name}","annotations":{"a":"b"}}`;
const typed = '"kind":"Secret","apiVersion":"v1",';
const secret = (name: string, head = typed) =>
  `{${head}${meta(name)},"data":{"p":"${canary}"},"type":"Opaque","stringData":{"q":"${canary}"}}`;
const scrubbed = (name: string, head = typed) => `{${head}${kept(name)},"type":"Opaque"}`;
const columns = '"columnDefinitions":[{"name":"Name","type":"string"},{"name":"Data"}]';
const partial = '"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1",';
const tableHead =
  '"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"1"},';

type Shape = AnswerFilterOptions['shape'];

/** What passes, whichever way the text is cut into chunks. */
function passed(text: string, options: Partial<AnswerFilterOptions> = {}): string {
  const whole = filtered([text], options);
  const middle = Math.floor(text.length / 2);
  expect(filtered([text.slice(0, middle), text.slice(middle)], options)).toBe(whole);
  expect(filtered(Array.from(text), options)).toBe(whole);
  return whole;
}

function filtered(parts: readonly string[], options: Partial<AnswerFilterOptions>): string {
  const filter = createAnswerFilter({
    ...{ objects: 'secrets', kind: 'Secret', shape: 'document' },
    ...options,
  });
  let out = '';
  for (const part of parts) {
    const chunk = Buffer.from(part);
    out += Buffer.from(filter.push(chunk)).toString();
    expect(chunk.every((byte) => byte === 0)).toBe(true);
  }
  return out + Buffer.from(filter.end()).toString();
}

function refusal(text: string, options: Partial<AnswerFilterOptions> = {}): string {
  for (const parts of [[text], Array.from(text)]) {
    expect(() => filtered(parts, options)).toThrow(ScrubberError);
  }
  try {
    filtered([text], options);
  } catch (error: unknown) {
    const { message } = error as ScrubberError;
    expect(message).not.toContain(canary);
    return message;
  }
  return '';
}

const shapes: readonly Shape[] = ['document', 'list'];

describe.each(shapes)('an answer about Secrets, read as %s', (shape) => {
  it.each([
    [secret('a'), scrubbed('a')],
    [` ${secret('a', '')}\n`.trim(), scrubbed('a', '')],
    [`{"data":{"p":"${canary}"}}`, '{}'],
    [`{"d\\u0061ta":{"p":"${canary}"},"Data":"${canary}","STRINGDATA":1,"x":1}`, '{"x":1}'],
    [
      `{"kind":"SecretList","apiVersion":"v1","metadata":{"resourceVersion":"5","continue":"c"},"items":[${secret('a', '')},${secret('b', '')}]}`,
      `{"kind":"SecretList","apiVersion":"v1","metadata":{"resourceVersion":"5","continue":"c"},"items":[${scrubbed('a', '')},${scrubbed('b', '')}]}`,
    ],
    [
      `{"apiVersion":"v1","items":[${secret('a')},{"kind":"ConfigMap","data":{"p":"${canary}"}}],"kind":"List","metadata":{}}`,
      `{"apiVersion":"v1","items":[${scrubbed('a')},{"kind":"ConfigMap"}],"kind":"List","metadata":{}}`,
    ],
    ['{"kind":"SecretList","items":[]}', '{"kind":"SecretList","items":[]}'],
    ['{"kind":"SecretList","items":null}', '{"kind":"SecretList","items":null}'],
    [
      `{"kind":"SecretList","it\\u0065ms":[${secret('a')}]}`,
      `{"kind":"SecretList","it\\u0065ms":[${scrubbed('a')}]}`,
    ],
    [
      `{${tableHead}${columns},"rows":[{"cells":["a",1],"object":{${partial}${meta('a')}}},{"cells":["b",2],"object":${secret('b')}}]}`,
      `{${tableHead}${columns},"rows":[{"cells":["a",1],"object":{${partial}${kept('a')}}},{"cells":["b",2],"object":${scrubbed('b')}}]}`,
    ],
    [
      `{${tableHead}${columns},"rows":[{"cells":["a",1],"object":null},{"cells":["b",2]}]}`,
      `{${tableHead}${columns},"rows":[{"cells":["a",1],"object":null},{"cells":["b",2]}]}`,
    ],
    [
      `{"kind":"PartialObjectMetadataList","metadata":{},"items":[{${partial}${meta('a')}}]}`,
      `{"kind":"PartialObjectMetadataList","metadata":{},"items":[{${partial}${kept('a')}}]}`,
    ],
    ['', ''],
  ])('lets %s pass without its values', (text, expected) => {
    expect(passed(text, { shape })).toBe(expected);
  });

  it.each([
    `{"kind":"Secret","data":{"p":"${canary}"}`,
    `{"kind":"Secret","data":{"p":"${canary}"}}}`,
    `{"kind":"Secret","data":{"p":"${canary}"}}{"x":"${canary}"}`,
    `{"kind":"Secret",data:"${canary}"}`,
    `{"kind":"SecretList","items":[${secret('a')},"${canary}"]}`,
    `{"kind":"SecretList","items":[[${secret('a')}]]}`,
    `{"kind":"SecretList","items":[{"x":"\u0001${canary}"}]}`,
    `{"kind":"SecretList","items":["${canary}"`,
    `{"kind":"SecretList","items":{"a":"${canary}"}}`,
    `{"kind":"SecretList","data":{"p":"${canary}"},"items":[]}`,
    `{"kind":"SecretList","items":[],"extra":"${canary}"}`,
    `{"kind":"SecretList","items":[],"items":[{"x":"${canary}"}]}`,
    `{"kind":"SecretList","metadata":{"annotations":{"a":"${canary}"}},"items":[]}`,
    `{"kind":"Table","columnDefinitions":[{"name":"Password"}],"rows":[{"cells":["${canary}"]}]}`,
    `{"kind":"Table",${columns},"rows":[{"cells":[],"value":"${canary}"}]}`,
    `{"kind":"Status","data":"${canary}"}`,
    `"${canary}"`,
    `[${secret('a')}]`,
    canary,
    '<html></html>',
  ])('withholds %s', (text) => {
    expect(refusal(text, { shape })).toMatch(/withheld|stopped before/);
  });

  it('keeps white space and what it does not know of an object', () => {
    const text = '{ "kind" : "SecretList" ,\n "items" : [ { "a" : 1.50 } , { } ] }\n';

    expect(passed(text, { shape }).trimEnd()).toBe(text.trimEnd());
  });

  it('withholds an object that is too large', () => {
    const text = `{"kind":"SecretList","items":[${secret('a')}]}`;

    expect(refusal(text, { shape, maxObjectBytes: 100 })).toContain('too large');
  });

  it('cuts what redact names as well', () => {
    const text = `{"kind":"SecretList","items":[{"type":"${canary}","a":1}]}`;

    expect(passed(text, { shape, redact: ['.type'] })).toBe(
      '{"kind":"SecretList","items":[{"a":1}]}',
    );
  });
});

describe('a list of Secrets', () => {
  it('hands each item out as soon as it is whole, and holds nothing of it', () => {
    const item = secret('a', '');
    const maxObjectBytes = item.length + 200;
    const filter = createAnswerFilter({
      ...{ objects: 'secrets', kind: 'Secret', shape: 'list', maxObjectBytes },
    });
    const push = (text: string) => Buffer.from(filter.push(Buffer.from(text))).toString();

    expect(push('{"kind":"SecretList","items":[')).toBe('{"kind":"SecretList","items":[');
    for (let count = 0; count < 100; count++) {
      expect(push(item.slice(0, 40))).toBe('');
      expect(push(`${item.slice(40)},`)).toBe(`${scrubbed('a', '')},`);
    }
    expect(push('{}]}')).toBe('{}]}');
  });

  it('is withheld when the rows of a Table come before its columns', () => {
    const text = `{"kind":"Table","rows":[{"cells":["${canary}"]}],${columns}}`;

    expect(refusal(text, { shape: 'list' })).toContain('withheld');
  });
});

describe('an error about Secrets', () => {
  const said = (reason: string, message: string, details = '') =>
    `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"${message}","reason":"${reason}"${details},"code":1}`;

  it.each([
    ['NotFound', 'secrets \\"a\\" not found'],
    ['AlreadyExists', 'secrets \\"a\\" already exists'],
    ['Conflict', 'Apply failed with 1 conflict: .data.p'],
    ['Forbidden', 'secrets \\"a\\" is forbidden: User \\"u\\" cannot get resource \\"secrets\\"'],
    ['Forbidden', 'secrets is forbidden: User \\"u\\" cannot list'],
    ['Forbidden', 'doors.x.io \\"d\\" is forbidden: User \\"u\\" cannot get'],
    ['Forbidden', 'secrets \\"a\\" is forbidden: exceeded quota: q, requested: secrets=1'],
  ])('passes on %s: %s', (reason, message) => {
    const text = said(reason, message, ',"details":{"name":"a","causes":[{"message":"m"}]}');

    expect(passed(text)).toBe(text);
  });

  it.each([
    ['Invalid', `Secret \\"a\\" is invalid: data[p]: Invalid value: \\"${canary}\\"`],
    ['BadRequest', `error decoding: |p:${canary}|`],
    ['InternalError', canary],
    ['Forbidden', `admission webhook \\"w\\" denied the request: ${canary}`],
    ['Forbidden', `secrets \\"a\\" is forbidden: ValidatingAdmissionPolicy denied: ${canary}`],
    ['Forbidden', `Doors is forbidden: User \\"${canary}`],
    ['Forbidden', `${canary} is forbidden: User \\"`],
    ['Forbidden', `admission webhook denied: secrets is forbidden: User \\"${canary}`],
    ['Forbidden', ` is forbidden: User \\"${canary}`],
    [canary, canary],
  ])('replaces what %s says: %s', (reason, message) => {
    const details = `,"details":{"name":"a","causes":[{"reason":"FieldValueInvalid","message":"${canary}","field":"data[p]"},{}]}`;

    const text = passed(said(reason === canary ? 'Odd' : reason, message, details));

    expect(text).not.toContain(canary);
    const status = JSON.parse(text) as { message: string; details: { causes: object[] } };
    expect(status.message).toContain("Fairlead's agent withholds");
    expect(status.details.causes).toMatchObject([
      { reason: 'FieldValueInvalid', field: 'data[p]' },
      {},
    ]);
  });

  it('is replaced in a watch, too', () => {
    const event = `{"type":"ERROR","object":${said('InternalError', canary)}}\n`;

    expect(passed(event, { shape: 'events' })).not.toContain(canary);
  });
});

describe('a watch of Secrets', () => {
  const shape = 'events';

  it('lets events pass one by one without their values', () => {
    const bookmark =
      '{"type":"BOOKMARK","object":{"kind":"Secret","metadata":{"resourceVersion":"9"}}}';
    const text = `{"type":"ADDED","object":${secret('a')}}\n{"object":${secret('b')},"type":"DELETED"}\n${bookmark}\n`;

    expect(passed(text, { shape })).toBe(
      `{"type":"ADDED","object":${scrubbed('a')}}\n{"object":${scrubbed('b')},"type":"DELETED"}\n${bookmark}\n`,
    );
  });

  it('hands an event out as soon as it is whole', () => {
    const filter = createAnswerFilter({ objects: 'secrets', kind: 'Secret', shape });

    const out = filter.push(Buffer.from(`{"type":"ADDED","object":${secret('a')}}\n{"type":"ADD`));

    expect(Buffer.from(out).toString()).toBe(`{"type":"ADDED","object":${scrubbed('a')}}\n`);
    expect(() => filter.end()).toThrow('stopped before its end');
  });

  it('knows the columns of Tables from the first one', () => {
    const row = `"rows":[{"cells":["a"],"object":{${partial}${meta('a')}}}]`;
    const event = (more: string) => `{"type":"ADDED","object":{${tableHead}${more}${row}}}\n`;

    const text = passed(event(`${columns},`) + event('"columnDefinitions":null,'), { shape });

    expect(text).not.toContain(canary);
    expect(text).toContain('"cells":["a"]');
    expect(refusal(event('"columnDefinitions":null,'), { shape })).toContain('columns');
  });

  it.each([
    `{"type":"ADDED","object":${secret('a')},"more":"${canary}"}\n`,
    `{"type":"ADDED","object":{},"object":${secret('a')}}\n`,
    `{"type":"${canary}"}\n`,
    `{"type":"ADDED","object":"${canary}"}\n`,
    `${secret('a')}\n`,
    `"${canary}"\n`,
    `{"type":"ADDED","object":{"x":${canary}}}\n`,
  ])('ends at %s', (text) => {
    expect(refusal(text, { shape })).toContain('withheld');
  });
});

describe('an answer about another kind with rules', () => {
  const options = { objects: 'others', kind: 'Door', redact: ['.spec.code'] } as const;
  const door = `{"kind":"Door",${meta('d')},"spec":{"code":"${canary}","w":2}}`;
  const shut = `{"kind":"Door",${kept('d')},"spec":{"w":2}}`;

  it.each<[Shape, string, string]>([
    ['document', door, shut],
    [
      'list',
      `{"items":[${door},${door}],"kind":"DoorList"}`,
      `{"items":[${shut},${shut}],"kind":"DoorList"}`,
    ],
    ['events', `{"type":"ADDED","object":${door}}\n`, `{"type":"ADDED","object":${shut}}\n`],
    ['document', '{"kind":"Door","items":[{"spec":1}]}', '{"kind":"Door","items":[{"spec":1}]}'],
  ])('lets a %s pass without their values', (shape, text, expected) => {
    expect(passed(text, { ...options, shape })).toBe(expected);
  });

  it.each<[Shape, string]>([
    ['list', `{"kind":"Table",${columns},"rows":[{"cells":["${canary}"]}]}`],
    ['document', `{"kind":"Table",${columns},"rows":[{"cells":["${canary}"]}]}`],
    ['list', `{"kind":"Door","items":[{"code":"${canary}"}]}`],
  ])('withholds of a %s what it cannot look into: %s', (shape, text) => {
    expect(refusal(text, { ...options, shape })).toContain('withheld');
  });
});

describe(createAnswerFilter, () => {
  it('is over after a fault', () => {
    const filter = createAnswerFilter({ objects: 'secrets', kind: 'Secret', shape: 'document' });
    expect(() => filter.push(Buffer.alloc(17 * 1024 * 1024))).toThrow('too large');

    expect(() => filter.push(Buffer.from('{}'))).toThrow('ended or disposed');
  });

  it('refuses a path that is none', () => {
    expect(() =>
      createAnswerFilter({ objects: 'others', kind: 'A', shape: 'list', redact: ['x'] }),
    ).toThrow('redact');
  });
});
