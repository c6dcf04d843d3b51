// The part of a bridge's HTTP API that `verify` reads, over rows in memory.
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type SimCluster } from '@fairlead/cluster-sim';

/** A stored row. */
export interface FakeRow {
  readonly kind: string;
  readonly apiVersion: string;
  readonly namespace: string;
  readonly name: string;
  /** JSON text, as it would stand in the database. */
  manifest: string;
}

/** A bridge in memory. */
export interface FakeBridge {
  readonly url: string;
  readonly rows: FakeRow[];
  stop(): Promise<void>;
}

const pageLimit = 7;

/** Copies kinds of a cluster, scrubbed as a bridge would have them, and serves them. */
export async function startFakeBridge(
  cluster: SimCluster,
  kinds: readonly { apiVersion: string; kind: string; stored: string }[],
): Promise<FakeBridge> {
  const rows = kinds.flatMap(({ apiVersion, kind, stored }) =>
    cluster.list({ apiVersion, kind }).map((object) => aRow(stored, object as never)),
  );
  const account = { name: 'sim', kinds: kinds.map(({ stored }) => stored), properties: {} };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://bridge');
    const answer = answerOf(url, account, rows);
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(answer ?? '{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${String(port)}`, rows, stop: () => stop(server) };
}

interface Manifest {
  apiVersion: string;
  metadata: { name: string; namespace?: string; managedFields?: unknown; annotations?: object };
  data?: unknown;
}

function aRow(kind: string, object: Manifest): FakeRow {
  const { managedFields: _managed, ...metadata } = object.metadata;
  const { data: _data, ...secret } = object;
  const isSecret = kind === 'secret';
  if (isSecret && metadata.annotations !== undefined) metadata.annotations = {};
  return {
    kind,
    apiVersion: object.apiVersion,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
    manifest: JSON.stringify({ ...(isSecret ? secret : object), metadata }),
  };
}

function answerOf(url: URL, account: object, rows: readonly FakeRow[]): string | undefined {
  const steps = url.pathname.split('/').slice(3);
  if (steps[0] === 'accounts') return steps[1] === 'sim' ? JSON.stringify(account) : undefined;
  if (steps.length === 1) return listOf(url.searchParams, rows);
  const [, , kind, namespace, name] = steps;
  return rows.find(
    (row) => row.kind === kind && row.name === name && (row.namespace || '_') === namespace,
  )?.manifest;
}

function listOf(query: URLSearchParams, rows: readonly FakeRow[]): string {
  const kind = query.get('kind');
  const start = Number(query.get('continue') ?? 0);
  const wanted = rows.filter((row) => kind === null || row.kind === kind);
  const items = wanted.slice(start, start + pageLimit).map(({ manifest, ...row }) => {
    const head = JSON.stringify(row);
    const isIncluded = query.get('include') === 'manifest';
    return isIncluded ? `${head.slice(0, -1)},"manifest":${manifest}}` : head;
  });
  const next =
    start + pageLimit < wanted.length ? `,"continue":"${String(start + pageLimit)}"` : '';
  return `{"items":[${items.join(',')}]${next}}`;
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
