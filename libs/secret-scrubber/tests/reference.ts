/**
 * The slow way to scrub: parse all, delete, print. What the scanners give must be what this gives.
 */
import type { ScannerOptions } from '../src/index.ts';

/** Any JSON object. */
export type Json = Record<string, unknown>;

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** What is expected of an object, as in `Outcome`, but parsed; undefined when it has no identity. */
export function referenceObject(object: unknown, options: ScannerOptions): Json | undefined {
  if (!isObject(object) || !isObject(object.metadata)) return undefined;
  const own = object as { kind?: unknown; apiVersion?: unknown };
  const metadata = object.metadata;
  const texts = [metadata.namespace, metadata.uid, metadata.resourceVersion];
  const areTexts = [...texts, own.kind, own.apiVersion].every(
    (value) => value === undefined || typeof value === 'string',
  );
  const annotations: unknown = metadata.annotations ?? {};
  const { name } = metadata;
  if (!areTexts || typeof name !== 'string' || name === '' || !isObject(annotations)) {
    return undefined;
  }
  if (own.kind === '' || own.apiVersion === '') return undefined;
  const kind = (own.kind ?? options.kind) as string;
  const apiVersion = (own.apiVersion ?? options.apiVersion) as string;
  const isSecret =
    (kind === 'Secret' && apiVersion === 'v1') ||
    (options.kind === 'Secret' && options.apiVersion === 'v1');
  const { managedFields: _, ...keptMetadata } = metadata;
  let kept: Json = { ...object, metadata: keptMetadata };
  let scrubbedValues = 0;
  if (isSecret) {
    const { data, stringData, ...rest } = kept;
    kept = rest;
    scrubbedValues = countOf(data) + countOf(stringData) + (lastApplied in annotations ? 1 : 0);
    if (metadata.annotations !== undefined && metadata.annotations !== null) {
      const { [lastApplied]: __, ...keptAnnotations } = annotations;
      kept.metadata = { ...keptMetadata, annotations: keptAnnotations };
    }
  }
  const head = {
    ...(own.kind === undefined && { kind }),
    ...(own.apiVersion === undefined && { apiVersion }),
  };
  return {
    value: { ...head, ...kept },
    annotations: wanted(annotations, options, isSecret),
    apiVersion,
    kind,
    namespace: metadata.namespace ?? '',
    name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    scrubbedValues,
  };
}

function wanted(annotations: Json, options: ScannerOptions, isSecret: boolean): Json {
  const keys = options.readAnnotations ?? [];
  const entries = Object.entries(annotations).filter(
    ([key, value]) =>
      keys.includes(key) && typeof value === 'string' && !(isSecret && key === lastApplied),
  );
  return Object.fromEntries(entries);
}

function countOf(data: unknown): number {
  if (data === undefined || data === null) return 0;
  return isObject(data) ? Object.keys(data).length : 1;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
