/**
 * What of a kubeconfig an account depends on, as a digest: its context, cluster and user. One file
 * may hold hundreds of contexts; adding one must not restart the accounts of the others.
 */
import { createHash } from 'node:crypto';
import { parse } from 'yaml';

/** A kubeconfig, or whatever stands in its place. */
export type KubeconfigDocument = Readonly<Record<string, unknown>> | undefined;

/** The document in `text`; `undefined` when it is none. */
export function parseKubeconfig(text: string): KubeconfigDocument {
  try {
    const document: unknown = parse(text);
    return isRecord(document) ? document : undefined;
  } catch {
    return undefined; // What is wrong with it is said when the account connects.
  }
}

/** Changes exactly when the entries that `context` (or the current context) leads to change. */
export function digestOfContext(document: KubeconfigDocument, context: string | undefined): string {
  const name = context ?? document?.['current-context'];
  const entry = named(document?.contexts, name);
  const target = isRecord(entry?.context) ? entry.context : undefined;
  const parts = [
    name,
    target,
    named(document?.clusters, target?.cluster),
    named(document?.users, target?.user),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function named(list: unknown, name: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!Array.isArray(list)) return undefined;
  return list.filter(isRecord).find((entry) => entry.name === name);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
