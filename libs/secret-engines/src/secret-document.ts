/**
 * What an engine reads in one go, and what of it a reference means, pure. Hundreds of references may
 * point into one document (one Vault path with a kubeconfig for each account).
 */
import { createHash } from 'node:crypto';
import { parseDocument } from 'yaml';
import { SecretError } from './secret-error.ts';
import { describeReference, type SecretReference } from './secret-reference.ts';

/** What stands at a place. */
export type SecretDocument = (
  | {
      /** The engine has keys of its own: Vault, Kubernetes. */
      readonly kind: 'fields';
      /** Values by key: texts as texts, bytes as bytes. */
      readonly fields: ReadonlyMap<string, string | Buffer>;
    }
  | {
      /** The engine has bytes; keys lead into a YAML (or JSON) document in them. */
      readonly kind: 'content';
      /** The bytes, as they are kept. */
      readonly content: Buffer;
      /** How keys lead on: `.` between levels, or each key as it stands. */
      readonly keys: 'path' | 'name';
    }
) & {
  /** The engine wants it read again after this time, in milliseconds. @defaultValue whenever */
  readonly maxAgeMs?: number;
};

/**
 * What the reference means in its document. A value is a text without the line breaks at its end,
 * which editors and `echo` add; a file is what it is.
 * @throws SecretError `noKey` or `malformed`
 */
export function pickSecret(document: SecretDocument, reference: SecretReference): Buffer {
  const place = describeReference(reference);
  try {
    const picked = pickBytes(document, reference.parameters.k);
    const bytes = reference.parameters.b === 'true' ? fromBase64(picked) : picked;
    return reference.form === 'file' ? bytes : trimEnd(bytes);
  } catch (error: unknown) {
    throw SecretError.from(error, place);
  }
}

/** Changes when the document does. */
export function digestOfDocument(document: SecretDocument): string {
  const hash = createHash('sha256');
  const parts =
    document.kind === 'content'
      ? [['', document.content] as const]
      : [...document.fields].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [key, value] of parts) {
    hash.update(`${key.length}\0${key}\0${Buffer.byteLength(value)}\0`).update(value);
  }
  return hash.digest('base64');
}

function pickBytes(document: SecretDocument, key: string | undefined): Buffer {
  if (document.kind === 'fields') {
    const value = key === undefined ? undefined : document.fields.get(key);
    if (value === undefined) throw new SecretError('noKey', `there is no key ${key ?? ''}`);
    return Buffer.from(value);
  }
  if (key === undefined) return document.content;
  const steps = document.keys === 'path' ? key.split('.') : [key];
  let value: unknown = parseYaml(document.content);
  for (const step of steps) value = stepInto(value, step);
  if (['string', 'number', 'boolean'].includes(typeof value)) return Buffer.from(String(value));
  if (value === undefined) throw new SecretError('noKey', `there is no key ${key}`);
  throw new SecretError('malformed', `the key ${key} leads to no text`);
}

function stepInto(value: unknown, step: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[step];
}

function parseYaml(content: Buffer): unknown {
  const document = parseDocument(content.toString('utf8'), { logLevel: 'silent' });
  // The parser's message quotes the line.
  if (document.errors.length > 0) throw new SecretError('malformed', 'it is not YAML');
  try {
    return document.toJS();
  } catch {
    throw new SecretError('malformed', 'it is not YAML'); // Aliases that lead nowhere, or too far.
  }
}

/** Base64 as people keep it: lines of 76, with or without padding. */
function fromBase64(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1').replace(/\s+/g, '');
  if (/^[A-Za-z\d+/_-]*={0,2}$/.test(text)) return Buffer.from(text, 'base64');
  throw new SecretError('malformed', 'it is not base64');
}

function trimEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end -= 1;
  return bytes.subarray(0, end);
}
