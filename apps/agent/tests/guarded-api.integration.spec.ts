// The guard before a simulated API server that misbehaves in every way: what comes of Secrets in bits,
// in halves and in heaps holds no value, and nobody can take a part of it for the whole.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chunksOf, noBody, type ApiRequest, type ApiResponse } from '@fairlead/api-tunnel';
import { clusterClientFromKubeconfig, type ClusterClient } from '@fairlead/cluster-client';
import { startFleet, type FaultRule, type Fleet } from '@fairlead/cluster-sim';
import { accountSchema } from '../src/account-config.ts';
import { createAccountGuard } from '../src/api/create-account-guard.ts';

const canary = 'canary-behind-the-guard';
const needles = [canary, Buffer.from(canary).toString('base64').slice(0, 28)];
const secrets = '/api/v1/secrets';

interface Outcome {
  readonly status: number;
  readonly text: string;
  /** '' when the answer was whole. */
  readonly failure: string;
}

describe.each(['plain', 'tls'] as const)('the guard before a simulated cluster (%s)', (scheme) => {
  let fleet: Fleet;
  let folder: string;
  let client: ClusterClient;

  beforeAll(async () => {
    fleet = await startFleet({
      clusters: 1,
      objectsPerCluster: 400,
      canary,
      tls: scheme === 'tls',
    });
    folder = await mkdtemp(join(tmpdir(), 'fairlead-guard-'));
    const kubeconfigFile = join(folder, 'kubeconfig.yaml');
    await writeFile(kubeconfigFile, fleet.kubeconfig());
    client = await clusterClientFromKubeconfig({ kubeconfigFile });
  }, 60_000);

  afterAll(async () => {
    client.close();
    await fleet.stop();
    await rm(folder, { recursive: true });
  });

  afterEach(() => {
    for (const fault of cluster().faults.active) fault.remove();
  });

  const cluster = () => fleet.cluster('sim-1');

  async function ask(target: string, more: Partial<ApiRequest> = {}): Promise<Outcome> {
    const account = accountSchema.parse({ name: 'sim', serviceAccount: true });
    const guard = createAccountGuard(account, {
      ...{ client: () => client, policy: { redact: [] }, nowMs: () => 0 },
      onRefusal: () => undefined,
    });
    const response = await guard.handle({
      ...{ method: 'GET', target, headers: {}, upgrade: '', body: noBody, caller: 'me' },
      ...{ signal: new AbortController().signal, ...more },
    });
    return outcomeOf(response);
  }

  const occurrences = ({ text }: Outcome) => needles.filter((needle) => text.includes(needle));

  it('shows Secrets, of which the cluster has many, without a value', async () => {
    const whole = await client.request({ path: secrets });

    const outcome = await ask(secrets);

    expect(await whole.text()).toContain(needles[1]);
    expect(outcome).toMatchObject({ status: 200, failure: '' });
    expect(outcome.text.match(/"namespace":/g)?.length).toBeGreaterThan(10);
    expect(occurrences(outcome)).toEqual([]);
  });

  it.each<[string, FaultRule['effect']]>([
    ['in bits of seven bytes', { kind: 'split', maxBytes: 7 }],
    ['slowly', { kind: 'slow', bytesPerSecond: 2_000_000 }],
  ])('passes an answer that comes %s', async (_, effect) => {
    cluster().faults.add({ match: { resource: 'secrets' }, effect });

    const outcome = await ask(`${secrets}?limit=5`);

    expect(outcome).toMatchObject({ status: 200, failure: '' });
    expect((JSON.parse(outcome.text) as { items: unknown[] }).items).toHaveLength(5);
    expect(occurrences(outcome)).toEqual([]);
  });

  it.each<[string, FaultRule['effect']]>([
    ['cut in the middle', { kind: 'close', afterBytes: 3_000 }],
    ['ended in order in the middle', { kind: 'cut', afterBytes: 3_000 }],
    ['ended in order before its first Secret', { kind: 'cut', afterBytes: 60 }],
  ])('does not let an answer pass for whole that is %s', async (_, effect) => {
    cluster().faults.add({ match: { resource: 'secrets' }, effect });

    const outcome = await ask(secrets);

    expect(outcome.failure).toBe('interrupted');
    expect(occurrences(outcome)).toEqual([]);
  });

  it.each<[string, FaultRule['effect']]>([
    ['in the middle of an event', { kind: 'cutLine', afterLines: 1 }],
    ['by an event that is none', { kind: 'malformedLine', afterLines: 1 }],
  ])('ends a watch that is broken %s', async (_, effect) => {
    cluster().faults.add({ match: { resource: 'secrets', verb: 'watch' }, effect });

    const outcome = await ask(`${secrets}?watch=1&timeoutSeconds=1`);

    expect(outcome.text).toContain('"type":"ADDED"');
    expect(outcome.failure).toBe('interrupted');
    expect(occurrences(outcome)).toEqual([]);
  });

  it('passes the form of metadata and of Tables, and errors', async () => {
    const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
    const metadata = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

    const table = await ask(`${secrets}?limit=3&includeObject=Object`, { headers });
    const partial = await ask(`${secrets}?limit=3`, { headers: { accept: metadata } });
    const missing = await ask('/api/v1/namespaces/default/secrets/none');

    expect([table, partial, missing].map(({ status }) => status)).toEqual([200, 200, 404]);
    expect(JSON.parse(table.text)).toMatchObject({ kind: 'Table' });
    expect(JSON.parse(partial.text)).toMatchObject({ kind: 'PartialObjectMetadataList' });
    expect(JSON.parse(missing.text)).toMatchObject({ reason: 'NotFound' });
    expect([table, partial, missing].flatMap(occurrences)).toEqual([]);
  });
});

async function outcomeOf({ status, body }: ApiResponse): Promise<Outcome> {
  let text = '';
  try {
    for await (const chunk of chunksOf(body)) text += Buffer.from(chunk).toString('latin1');
    return { status, text, failure: '' };
  } catch (error: unknown) {
    return { status, text, failure: (error as { readonly code: string }).code };
  }
}
