// Objects by the hundred thousand: a model object is printed once, and each object made from it
// is that text with the blanks filled in. Some twenty times faster than printing each.
import { type JsonObject } from '../json-value.ts';
import { type ServedResource } from '../served-resource.ts';
import { storeObject, StoredObject, objectKey } from '../stored-object.ts';

/** What is filled into a template; the first four every template has. */
export interface TemplateValues {
  /** `metadata.name`. */
  readonly name: string;
  /** `metadata.namespace`; '' for cluster-scoped types. */
  readonly namespace: string;
  /** `metadata.uid`. */
  readonly uid: string;
  /** `metadata.resourceVersion`. */
  readonly resourceVersion: number;
  /** `metadata.ownerReferences[0].uid`, or ''. */
  readonly ownerUid?: string | undefined;
  /** Further blanks by name. */
  readonly [blank: string]: string | number | undefined;
}

/** Makes objects of one type. */
export type ObjectTemplate = (values: TemplateValues) => StoredObject;

const BLANK = /\{\{(\w+)\}\}/;

/**
 * Prepares a model object; `{{name}}` in any of its texts is a blank. Values go in as they are, so
 * they must not need escaping in JSON.
 */
export function compileTemplate(type: ServedResource, model: JsonObject): ObjectTemplate {
  const [first = '', ...rest] = storeObject(type, withBookkeeping(model))
    .tail.toString()
    .split(BLANK);
  return (values) => {
    let text = first;
    for (let index = 0; index < rest.length; index += 2) {
      text += String(values[rest[index] ?? ''] ?? '') + (rest[index + 1] ?? '');
    }
    return new StoredObject({
      key: objectKey(values.namespace, values.name),
      uid: values.uid,
      ownerUid: values.ownerUid ?? '',
      resourceVersion: values.resourceVersion,
      tail: Buffer.from(text),
    });
  };
}

function withBookkeeping(model: JsonObject): JsonObject {
  const metadata = model.metadata as JsonObject;
  return {
    ...model,
    metadata: {
      ...metadata,
      name: '{{name}}',
      ...(metadata.namespace === undefined ? {} : { namespace: '{{namespace}}' }),
      uid: '{{uid}}',
      resourceVersion: '{{resourceVersion}}',
    },
  };
}
