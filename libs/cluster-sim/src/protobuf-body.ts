// Bodies in Kubernetes' protobuf, which kubectl from 1.33 on sends when it makes an object itself
// (`kubectl create configmap`). Read for the few types whose messages are small; answers are JSON.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
import { type JsonObject, type JsonValue, textAt } from './json-value.ts';

/** What a field holds: a text, bytes (base64 in JSON), a boolean, maps of these, or a message. */
type FieldType = 'text' | 'texts' | 'bytes' | 'flag' | 'textMap' | 'bytesMap' | Message;
/** Field numbers to names and types; other fields are passed over. */
type Message = Readonly<Record<number, readonly [name: string, type: FieldType]>>;

const objectMeta: Message = {
  1: ['name', 'text'],
  2: ['generateName', 'text'],
  3: ['namespace', 'text'],
  11: ['labels', 'textMap'],
  12: ['annotations', 'textMap'],
  14: ['finalizers', 'texts'],
};
const metadata = ['metadata', objectMeta] as const;

/** Messages by apiVersion and kind; numbers from `k8s.io/api/core/v1/generated.proto`. */
const messages: Readonly<Record<string, Message>> = {
  'v1 ConfigMap': {
    1: metadata,
    2: ['data', 'textMap'],
    3: ['binaryData', 'bytesMap'],
    4: ['immutable', 'flag'],
  },
  'v1 Secret': {
    1: metadata,
    2: ['data', 'bytesMap'],
    3: ['type', 'text'],
    4: ['stringData', 'textMap'],
    5: ['immutable', 'flag'],
  },
  'v1 Namespace': { 1: metadata },
  'v1 ServiceAccount': { 1: metadata },
};

/** Before every message: `k8s` and a zero. */
const MAGIC = Buffer.from('k8s\0');
/** `runtime.Unknown`, the envelope. */
const typeMeta: Message = { 1: ['apiVersion', 'text'], 2: ['kind', 'text'] };

/** Reads an object; undefined when it is of a type that is not known here. */
export function readProtobufObject(bytes: Buffer): JsonObject | undefined {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  let type: JsonObject = {};
  let raw: Buffer = Buffer.alloc(0);
  for (const { number, content } of fieldsOf(bytes.subarray(MAGIC.length))) {
    if (number === 1) type = readMessage(typeMeta, content);
    if (number === 2) raw = content;
  }
  const message = messages[`${textAt(type, 'apiVersion')} ${textAt(type, 'kind')}`];
  return message === undefined ? undefined : { ...type, ...readMessage(message, raw) };
}

function readMessage(message: Message, bytes: Buffer): JsonObject {
  const object: JsonObject = {};
  for (const { number, content, value } of fieldsOf(bytes)) {
    const field = message[number];
    if (field === undefined) continue;
    const [name, type] = field;
    const read = readField(type, content, value);
    if (type === 'textMap' || type === 'bytesMap') {
      object[name] = { ...(object[name] as JsonObject | undefined), ...(read as JsonObject) };
    } else if (type === 'texts') {
      object[name] = [...((object[name] as JsonValue[] | undefined) ?? []), read];
    } else if (read !== '') object[name] = read; // Go sends empty texts for what is not set.
  }
  return object;
}

function readField(type: FieldType, content: Buffer, value: number): JsonValue | JsonObject {
  switch (type) {
    case 'text':
    case 'texts':
      return content.toString();
    case 'bytes':
      return content.toString('base64');
    case 'flag':
      return value !== 0;
    case 'textMap':
      return readMapEntry(content, 'text');
    case 'bytesMap':
      return readMapEntry(content, 'bytes');
    default:
      return readMessage(type, content);
  }
}

function readMapEntry(content: Buffer, type: 'text' | 'bytes'): JsonObject {
  const entry = readMessage({ 1: ['key', 'text'], 2: ['value', type] }, content);
  return { [textAt(entry, 'key')]: entry.value ?? '' };
}

interface Field {
  readonly number: number;
  /** Of a length-delimited field; else empty. */
  readonly content: Buffer;
  /** Of a varint; else 0. */
  readonly value: number;
}

/** The fields of a message in order; throws RangeError when it is cut short. */
function* fieldsOf(bytes: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes.readUInt8(at++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new RangeError('a field is longer than its message');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === 0) yield { number, content: Buffer.alloc(0), value: varint() };
    else if (wireType === 2) yield { number, content: take(varint()), value: 0 };
    else take(wireType === 1 ? 8 : 4);
  }
}
