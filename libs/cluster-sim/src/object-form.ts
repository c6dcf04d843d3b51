// How objects look in each form of an answer: whole, as metadata alone, or as rows of a table;
// and what stands around them in a list and in a watch event.
import { type AnswerForm } from './accept-header.ts';
import { type JsonObject, objectAt, stringifyJson } from './json-value.ts';
import {
  apiVersionOf,
  listItemPrefix,
  objectPrefix,
  type ServedResource,
} from './served-resource.ts';
import { type CopyableBytes, readObject, type StoredObject } from './stored-object.ts';
import { tableColumns, tableRow } from './table.ts';

/** The metadata of a list. */
export interface ListMetadata {
  /** The moment of the list. */
  readonly resourceVersion: number;
  /** '' on the last page. */
  readonly continueToken: string;
  /** How many come after this page; unknown with selectors. */
  readonly remainingItemCount?: number;
}

type Bytes = Uint8Array | CopyableBytes;

/** Prints objects of one type in one form. */
export interface ObjectPrinter {
  /** Bytes before the first item. */
  listStart(metadata: ListMetadata): Uint8Array;
  /** Bytes after the last item. */
  listEnd(metadata: ListMetadata): Uint8Array;
  /** The pieces of one list item. */
  item(object: StoredObject): readonly Bytes[];
  /** The pieces of an object standing alone or in a watch event. */
  single(object: StoredObject): readonly Bytes[];
  /** An object of this form with nothing but a resourceVersion (a bookmark's). */
  empty(metadata: JsonObject): Uint8Array;
}

/** The printer of a form; `nowMs` is the time up to which tables count ages. */
export function createPrinter(
  type: ServedResource,
  form: AnswerForm,
  nowMs: () => number,
): ObjectPrinter {
  switch (form) {
    case 'object':
      return type.isCustom ? customPrinter(type) : builtinPrinter(type);
    case 'partialMetadata':
    case 'partialMetadataList':
      return metadataPrinter();
    case 'table':
      return tablePrinter(type, nowMs);
  }
}

function builtinPrinter(type: ServedResource): ObjectPrinter {
  const prefix = Buffer.from(objectPrefix(type));
  const itemPrefix = Buffer.from(listItemPrefix(type));
  const heading = `"kind":"${type.kind}List","apiVersion":"${apiVersionOf(type)}"`;
  return {
    listStart: (list) =>
      Buffer.from(`{${heading},"metadata":${stringifyJson(listMetadata(list))},"items":[`),
    listEnd: () => Buffer.from(']}\n'),
    item: (object) => [itemPrefix, object],
    single: (object) => [prefix, object],
    empty: (metadata) => Buffer.from(`${objectPrefix(type)}"metadata":${stringifyJson(metadata)}}`),
  };
}

/** Lists of custom resources are printed from maps, so their metadata comes after the items. */
function customPrinter(type: ServedResource): ObjectPrinter {
  const prefix = Buffer.from(objectPrefix(type));
  return {
    listStart: () => Buffer.from(`{"apiVersion":"${apiVersionOf(type)}","items":[`),
    listEnd: (list) =>
      Buffer.from(
        `],"kind":"${type.kind}List","metadata":${stringifyJson(listMetadata(list, 'byKey'))}}\n`,
      ),
    item: (object) => [prefix, object],
    single: (object) => [prefix, object],
    empty: (metadata) => Buffer.from(`${objectPrefix(type)}"metadata":${stringifyJson(metadata)}}`),
  };
}

function metadataPrinter(): ObjectPrinter {
  const meta = '"apiVersion":"meta.k8s.io/v1"';
  const prefix = Buffer.from(`{"kind":"PartialObjectMetadata",${meta},`);
  const end = Buffer.from('}');
  const single = (object: StoredObject): readonly Uint8Array[] => [
    prefix,
    metadataMember(object.tail),
    end,
  ];
  return {
    listStart: (list) =>
      Buffer.from(
        `{"kind":"PartialObjectMetadataList",${meta},"metadata":${stringifyJson(listMetadata(list))},"items":[`,
      ),
    listEnd: () => Buffer.from(']}\n'),
    item: single,
    single,
    empty: (metadata) => Buffer.from(`${prefix.toString()}"metadata":${stringifyJson(metadata)}}`),
  };
}

function tablePrinter(type: ServedResource, nowMs: () => number): ObjectPrinter {
  const columns = stringifyJson(tableColumns(type).map(({ definition }) => ({ ...definition })));
  const heading = '"kind":"Table","apiVersion":"meta.k8s.io/v1"';
  const row = (object: StoredObject): Uint8Array =>
    Buffer.from(stringifyJson(tableRow(type, readObject(type, object), nowMs())));
  const start = (metadata: JsonObject): string =>
    `{${heading},"metadata":${stringifyJson(metadata)},"columnDefinitions":${columns},"rows":[`;
  const end = Buffer.from(']}');
  return {
    listStart: (list) => Buffer.from(start(listMetadata(list))),
    listEnd: () => Buffer.from(']}\n'),
    item: (object) => [row(object)],
    single: (object) => {
      const metadata = { resourceVersion: String(object.resourceVersion) };
      return [Buffer.from(start(metadata)), row(object), end];
    },
    empty: (metadata) => Buffer.from(`${start(metadata)}]}`),
  };
}

function listMetadata(list: ListMetadata, order: 'byStruct' | 'byKey' = 'byStruct'): JsonObject {
  const resourceVersion = String(list.resourceVersion);
  const remaining = list.remainingItemCount;
  const rest: JsonObject = {
    ...(list.continueToken === '' ? {} : { continue: list.continueToken }),
    ...(remaining === undefined || remaining === 0 ? {} : { remainingItemCount: remaining }),
  };
  return order === 'byStruct' ? { resourceVersion, ...rest } : { ...rest, resourceVersion };
}

const METADATA = '"metadata":';

/** The `"metadata":{...}` member of a tail; cut out of the bytes where it comes first. */
function metadataMember(tail: Buffer): Uint8Array {
  if (tail.toString('latin1', 0, METADATA.length) === METADATA) {
    return tail.subarray(0, endOfObject(tail, METADATA.length));
  }
  const object = JSON.parse(`{${tail.toString()}`) as JsonObject;
  return Buffer.from(`${METADATA}${stringifyJson(objectAt(object, 'metadata') ?? {})}`);
}

/** Position after the JSON object that starts at `start`. */
function endOfObject(bytes: Buffer, start: number): number {
  let depth = 0;
  for (let index = start; index < bytes.length; index++) {
    const byte = bytes[index];
    if (byte === 0x22) index = endOfString(bytes, index);
    else if (byte === 0x7b) depth++;
    else if (byte === 0x7d && --depth === 0) return index + 1;
  }
  return bytes.length;
}

/** Position of the quote that closes the JSON string that opens at `start`. */
function endOfString(bytes: Buffer, start: number): number {
  let index = start + 1;
  while (bytes[index] !== 0x22) index += bytes[index] === 0x5c ? 2 : 1;
  return index;
}
