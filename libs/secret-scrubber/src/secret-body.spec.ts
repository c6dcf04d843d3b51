import { secretValuesIn } from './secret-body.ts';

/** A field of the wire type 2. */
const field = (number: number, ...parts: readonly Uint8Array[]): Buffer => {
  const bytes = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(number * 8 + 2, bytes.length), bytes]);
};
const protobuf = (...secret: readonly Uint8Array[]): Buffer =>
  Buffer.concat([
    Buffer.from('k8s\0'),
    field(1, field(1, Buffer.from('v1')), field(2, Buffer.from('Secret'))),
    field(2, ...secret),
    field(3),
  ]);
const metadata = field(1, field(1, Buffer.from('name')));

describe(secretValuesIn, () => {
  it.each([
    ['{"data":{"a":"b"}}', 'some'],
    [' {"kind":"Secret","stringData" : { "a":"" } }\n', 'some'],
    ['{"d\\u0061ta":{"a":"b"}}', 'some'],
    ['{}', 'none'],
    ['{"data":{},"stringData":null,"type":"Opaque"}', 'none'],
    ['{"metadata":{"data":{"a":"b"}}}', 'none'],
    ['{"data":{"a":"b"}', 'unknown'],
    ['["data"]', 'unknown'],
    ['', 'unknown'],
    ['data: {}', 'unknown'],
  ])('says of %j: %s', (text, expected) => {
    expect(secretValuesIn(Buffer.from(text), 'json')).toBe(expected);
  });

  it.each([
    ['data', protobuf(metadata, field(2, field(1, Buffer.from('a')))), 'some'],
    ['stringData', protobuf(field(4, field(1, Buffer.from('a'))), metadata), 'some'],
    ['a type alone', protobuf(metadata, field(3, Buffer.from('Opaque')), Buffer.of(40, 1)), 'none'],
    ['nothing', protobuf(), 'none'],
    ['half a message', protobuf(metadata).subarray(0, -4), 'unknown'],
    ['another form', Buffer.from('{"data":{"a":"b"}}'), 'unknown'],
    ['a group', protobuf(Buffer.of(11, 12)), 'unknown'],
  ])('says of protobuf with %s', (_, body, expected) => {
    expect(secretValuesIn(body, 'protobuf')).toBe(expected);
  });
});
