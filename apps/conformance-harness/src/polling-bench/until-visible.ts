/** How long after a write to the API server the change can be read from the bridge. */

/** Where to write and where to read. */
export interface VisiblePlaces {
  /** Of the API server. */
  readonly clusterUrl: string;
  readonly bridgeUrl: string;
  readonly account: string;
  readonly namespace: string;
}

const timeoutMs = 30_000;
/** Between two changes: neither finds the other on its way. */
const pauseMs = 50;

/**
 * Changes a Deployment so many times; milliseconds of each from before the request that writes until
 * an answer of the bridge's API, asked over and over, holds it.
 */
export async function measureVisibleMs(
  places: VisiblePlaces,
  changes: number,
): Promise<readonly number[]> {
  const { clusterUrl, namespace } = places;
  const collection = `${clusterUrl}/apis/apps/v1/namespaces/${namespace}/deployments`;
  const list = (await (await fetch(`${collection}?limit=1`)).json()) as {
    readonly items: readonly { readonly metadata: { readonly name: string } }[];
  };
  const name = list.items[0]?.metadata.name;
  if (name === undefined) throw new Error(`no Deployment in ${namespace}`);
  const results: number[] = [];
  for (let change = 0; change < changes; change += 1) {
    const startedAt = performance.now();
    await annotate(`${collection}/${name}`, String(change));
    await untilStored(places, { name, value: String(change) });
    results.push(performance.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return results;
}

async function annotate(url: string, value: string): Promise<void> {
  const response = await fetch(url, {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify({ metadata: { annotations: { 'example.com/bench': value } } }),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`a change was refused: ${String(response.status)}`);
}

async function untilStored(
  { bridgeUrl, account, namespace }: VisiblePlaces,
  { name, value }: { readonly name: string; readonly value: string },
): Promise<void> {
  const url = `${bridgeUrl}/api/v1/objects/${account}/deployment/${namespace}/${name}`;
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    const manifest = (await (await fetch(url)).json()) as {
      readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
    };
    if (manifest.metadata?.annotations?.['example.com/bench'] === value) return;
  }
  throw new Error(`a change was not visible within ${String(timeoutMs)} ms`);
}
