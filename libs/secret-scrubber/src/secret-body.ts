/**
 * Whether a Secret that somebody writes has any values: so that one that was read without them is not
 * written back like that. Looks at the members of the object alone, and at no value.
 */
import { Carry } from './carry.ts';
import { MemberReader } from './member-reader.ts';

/** `unknown`: it is none of the forms that are known, or broken. */
export type SecretBodyValues = 'some' | 'none' | 'unknown';

/** How the body is written: JSON, or Kubernetes' protobuf. */
export type SecretBodyForm = 'json' | 'protobuf';

/** What a body holds. */
export function secretValuesIn(body: Uint8Array, form: SecretBodyForm): SecretBodyValues {
  return form === 'json' ? valuesInJson(body) : valuesInProtobuf(body);
}

function valuesInJson(body: Uint8Array): SecretBodyValues {
  const carry = new Carry();
  carry.append(body);
  const { bytes, length: limit } = carry;
  const reader = new MemberReader();
  let start = 0;
  while (isSpace(bytes[start])) start++;
  let end = limit;
  while (end > start && isSpace(bytes[end - 1])) end--;
  try {
    if (bytes[start] !== 0x7b || !reader.isValue({ bytes, start, limit: end })) return 'unknown';
    for (const member of reader.membersOf({ bytes, start, limit: end })) {
      const isOfValues = member.key === 'data' || member.key === 'stringData';
      if (isOfValues && reader.membersOf({ bytes, ...limitsOf(member) }).next().done === false) {
        return 'some';
      }
    }
    return 'none';
  } finally {
    carry.clear();
  }
}

function limitsOf({ start, end }: { readonly start: number; readonly end: number }) {
  return { start, limit: end };
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** apimachinery, pkg/runtime/serializer/protobuf: what a body begins with. */
const magic = [0x6b, 0x38, 0x73, 0x00];
/** `runtime.Unknown`: the object itself. */
const rawField = 2;
/** `v1.Secret`: `data` and `stringData`, an entry each time. */
const valueFields = new Set([2, 4]);

function valuesInProtobuf(body: Uint8Array): SecretBodyValues {
  if (!magic.every((byte, at) => body[at] === byte)) return 'unknown';
  const raw = fieldsOf(body.subarray(magic.length))?.findLast(({ field }) => field === rawField);
  const fields = raw && fieldsOf(raw.bytes);
  if (fields === undefined) return 'unknown';
  return fields.some(({ field }) => valueFields.has(field)) ? 'some' : 'none';
}

interface WireField {
  readonly field: number;
  /** Of the wire type 2; else empty. */
  readonly bytes: Uint8Array;
}

/** The fields of a message; undefined when it is none. https://protobuf.dev/programming-guides/encoding/ */
function fieldsOf(message: Uint8Array): WireField[] | undefined {
  const fields: WireField[] = [];
  let p = 0;
  while (p < message.length) {
    const tag = varint(message, p);
    if (tag === undefined) return undefined;
    p = tag.end;
    const type = tag.value % 8;
    const field = Math.floor(tag.value / 8);
    const number = type === 0 || type === 2 ? varint(message, p) : undefined;
    let end = p + (type === 1 ? 8 : 4);
    if (type === 0 || type === 2) {
      if (number === undefined) return undefined;
      end = number.end + (type === 2 ? number.value : 0);
    } else if (type !== 1 && type !== 5) return undefined;
    if (end > message.length) return undefined;
    fields.push({ field, bytes: message.subarray(type === 2 ? (number?.end ?? end) : end, end) });
    p = end;
  }
  return fields;
}

function varint(
  bytes: Uint8Array,
  from: number,
): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let at = from, scale = 1; at < bytes.length && at < from + 10; at += 1, scale *= 128) {
    const byte = bytes[at] ?? 0;
    value += (byte % 128) * scale;
    if (byte < 128) return { value, end: at + 1 };
  }
  return undefined;
}
