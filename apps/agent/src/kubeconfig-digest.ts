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

/** Whether `context` (or the current one) is there with the cluster and the user that it names. */
export function isUsable(document: KubeconfigDocument, context: string | undefined): boolean {
  const { target, cluster, user } = entriesOf(document, context ?? document?.['current-context']);
  const needsUser = target?.user !== undefined && target.user !== '';
  return cluster !== undefined && (user !== undefined || !needsUser);
}

/** Changes exactly when the entries that `context` (or the current context) leads to change. */
export function digestOfContext(document: KubeconfigDocument, context: string | undefined): string {
  const name = context ?? document?.['current-context'];
  const { target, cluster, user } = entriesOf(document, name);
  const parts = [name, target, cluster, user];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function entriesOf(document: KubeconfigDocument, name: unknown) {
  const entry = named(document?.contexts, name);
  const target = isRecord(entry?.context) ? entry.context : undefined;
  const cluster = named(document?.clusters, target?.cluster);
  return { target, cluster, user: named(document?.users, target?.user) };
}

function named(list: unknown, name: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!Array.isArray(list)) return undefined;
  return list.filter(isRecord).find((entry) => entry.name === name);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
