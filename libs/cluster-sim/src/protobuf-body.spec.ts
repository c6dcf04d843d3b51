import { readProtobufObject } from './protobuf-body.ts';

const field = (number: number, content: Buffer | string): Buffer => {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
};
const flag = (number: number): Buffer => Buffer.from([number * 8, 1]);
const message = (...fields: Buffer[]): Buffer => Buffer.concat(fields);
const entry = (key: string, value: string): Buffer => message(field(1, key), field(2, value));
const wrapped = (kind: string, raw: Buffer): Buffer =>
  message(
    Buffer.from('k8s\0'),
    field(1, message(field(1, 'v1'), field(2, kind))),
    field(2, raw),
    field(3, ''),
  );

const metadata = field(
  1,
  message(
    field(1, 'a'),
    field(2, ''),
    field(3, 'n'),
    field(8, ''),
    field(11, entry('x', '1')),
    field(11, entry('y', '')),
    field(14, 'f/1'),
    field(14, 'f/2'),
  ),
);

describe(readProtobufObject, () => {
  it('reads a ConfigMap', () => {
    const raw = message(
      metadata,
      field(2, entry('k', 'v')),
      field(3, entry('b', '\u00ff')),
      flag(4),
    );

    expect(readProtobufObject(wrapped('ConfigMap', raw))).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'a',
        namespace: 'n',
        labels: { x: '1', y: '' },
        finalizers: ['f/1', 'f/2'],
      },
      data: { k: 'v' },
      binaryData: { b: 'w78=' },
      immutable: true,
    });
  });

  it('reads the values of a Secret as base64', () => {
    const raw = message(metadata, field(2, entry('password', 'hunter22')), field(3, 'Opaque'));

    expect(readProtobufObject(wrapped('Secret', raw))).toMatchObject({
      data: { password: 'aHVudGVyMjI=' },
      type: 'Opaque',
    });
  });

  it('does not know large types', () => {
    expect(readProtobufObject(wrapped('Pod', metadata))).toBeUndefined();
    expect(readProtobufObject(Buffer.from('{}'))).toBeUndefined();
  });

  it('refuses a message that is cut short', () => {
    const whole = wrapped('ConfigMap', metadata);

    expect(() => readProtobufObject(whole.subarray(0, 20))).toThrow(RangeError);
  });
});
