/** Creates a population in a cluster, real or simulated, and churns it, over the Kubernetes API. */
import type { ClusterClient } from '@fairlead/cluster-client';
import { planChurn, type ChurnStep } from './churn.ts';
import {
  manifestText,
  populationDefinitions,
  populationNamespaces,
  populationObjects,
  type PopulationObject,
  type PopulationOptions,
} from './population.ts';

/** Requests in flight at once; an API server on two cores gets no faster beyond. */
const concurrency = 16;
/** A fresh CRD is served within a second or two. */
const definitionTries = 200;
const definitionPauseMs = 100;
const conflict = 409;
const notFound = 404;

/** Creates namespaces, CRDs and objects; resolves when all exist. Objects that exist are left. */
export async function populate(client: ClusterClient, options: PopulationOptions): Promise<void> {
  const namespaces = populationNamespaces(options.namespaces);
  await createAll(
    client,
    namespaces.map((manifest) => ({ collection: '/api/v1/namespaces', manifest })),
  );
  for (const definition of populationDefinitions) await createDefinition(client, definition);
  await createAll(client, populationObjects(options));
}

/** Creates a CRD and waits until its collection is served. */
export async function createDefinition(
  client: ClusterClient,
  manifest: Readonly<Record<string, unknown>>,
): Promise<void> {
  await createAll(client, [{ collection: definitionsPath, manifest }]);
  const { group, names } = manifest.spec as { group: string; names: { plural: string } };
  for (let tries = 0; tries < definitionTries; tries += 1) {
    const response = await client.request({ path: `/apis/${group}/v1/${names.plural}` });
    await response.text();
    if (response.status !== notFound) return;
    await new Promise((resolve) => setTimeout(resolve, definitionPauseMs));
  }
  throw new Error(`the API server does not serve ${names.plural}.${group}`);
}

/** Where CRDs live. */
export const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Creates objects, a few at a time. */
export async function createAll(
  client: ClusterClient,
  objects: readonly PopulationObject[],
): Promise<void> {
  await inParallel(objects, async ({ collection, manifest }) => {
    await send(client, { method: 'POST', path: collection, body: manifestText(manifest) });
  });
}

/** Performs `steps` changes (see `planChurn`) in order; resolves with how many. */
export async function churn(
  client: ClusterClient,
  options: PopulationOptions & {
    readonly steps: number;
    readonly seed: number;
    readonly signal?: AbortSignal;
  },
): Promise<number> {
  let done = 0;
  for (const step of planChurn(options)) {
    if (options.signal?.aborted === true) break;
    await performStep(client, step);
    done += 1;
  }
  return done;
}

async function performStep(client: ClusterClient, step: ChurnStep): Promise<void> {
  switch (step.kind) {
    case 'create':
      return send(client, {
        method: 'POST',
        path: step.collection,
        body: manifestText(step.manifest),
      });
    case 'patch':
      return send(client, {
        method: 'PATCH',
        path: step.path,
        body: JSON.stringify(step.patch),
        contentType: 'application/merge-patch+json',
      });
    case 'delete':
      return send(client, { method: 'DELETE', path: step.path, body: deleteAtOnce });
  }
}

/** Without a kubelet nobody would ever confirm that a pod has ended. */
const deleteAtOnce = JSON.stringify({ gracePeriodSeconds: 0, propagationPolicy: 'Background' });

interface Send {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** @defaultValue 'application/json' */
  readonly contentType?: string;
}

/** Sends a write. An object that is already there (or gone) is as good. */
async function send(client: ClusterClient, request: Send): Promise<void> {
  const { method, path, body, contentType = 'application/json' } = request;
  const response = await client.request({
    method,
    path,
    body,
    headers: { 'content-type': contentType },
  });
  const text = await response.text();
  if (response.status < 300 || response.status === conflict || response.status === notFound) return;
  throw new Error(`${method} ${path}: ${String(response.status)} ${text.slice(0, 300)}`);
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
