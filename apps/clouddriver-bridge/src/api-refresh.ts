/** Routes that have one object read from its cluster and stored: ours, and the form of Clouddriver's. */
import { ApiTunnelError, chunksOf, type ApiHandler, type ApiResponse } from '@fairlead/api-tunnel';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type ApiClient } from './access/api-client.ts';
import { failedExchange } from './gateway/failed-exchange.ts';
import { refreshRequest, refreshTarget, type RefreshAnswer } from './gateway/refresh-object.ts';
import { ApiError } from './problem-details.ts';

/** What the routes need. */
export interface RefreshRoutesDeps {
  /** Who answers for an account; `undefined`: there is no such account. */
  readonly findApi: (account: string) => ApiHandler | undefined;
  /** Who calls. */
  readonly clientOf: (request: object) => ApiClient;
}

/** As Clouddriver took it until release 1.23; it names more that does not matter here. */
const manifestRequest = z.looseObject({
  account: z.string().min(1),
  /** The namespace; `''` for a cluster-scoped object. */
  location: z.string().nullish(),
  /** `<kind> <name>`. */
  name: z.string().regex(/^\S+ \S+$/),
});

/** The whole answer must come within this, in ms: below the request's own limit. */
const patienceMs = 25_000;

/** Adds the routes. */
export function addRefreshRoutes(app: FastifyInstance, deps: RefreshRoutesDeps): void {
  app.post<{ Params: { name: string } }>('/api/v1/accounts/:name/refresh', async (request) => {
    const asked = refreshRequest.safeParse(request.body);
    if (!asked.success) throw new ApiError(400, 'the body must be { kind, namespace, name }');
    const account = request.params.name;
    const answer = await refresh({ account, client: deps.clientOf(request) }, asked.data, deps);
    const { resourceVersion, found, elapsedMs } = answer;
    return { resourceVersion, found, elapsedMs };
  });

  app.post('/cache/kubernetes/manifest', async (request) => {
    const asked = manifestRequest.safeParse(request.body);
    if (!asked.success) {
      throw new ApiError(400, 'the body must be { account, location, name: "<kind> <name>" }');
    }
    const { account, location } = asked.data;
    const [kind = '', name = ''] = asked.data.name.split(' ');
    const object = { kind, namespace: location ?? '', name };
    const answer = await refresh({ account, client: deps.clientOf(request) }, object, deps);
    return { cachedIdentifiersByType: answer.found ? { [answer.kind]: [answer.id] } : {} };
  });
}

/** Read access is enough: a row may only become what its cluster holds. */
async function refresh(
  { account, client }: { readonly account: string; readonly client: ApiClient },
  object: z.output<typeof refreshRequest>,
  { findApi }: RefreshRoutesDeps,
): Promise<RefreshAnswer> {
  const api = findApi(account);
  if (!client.mayRead(account) || api === undefined) {
    throw new ApiError(404, `there is no account ${JSON.stringify(account)}`);
  }
  const response = await exchange(account, api, {
    ...{ method: 'POST', target: refreshTarget, upgrade: '', caller: client.name },
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(object)),
    signal: AbortSignal.timeout(patienceMs),
  });
  const answer = JSON.parse(await textOf(response)) as unknown;
  if (response.status === 200) return answer as RefreshAnswer;
  const { message } = answer as { readonly message: string };
  throw new ApiError(response.status, message);
}

/** What goes wrong on the way is an answer, too. */
async function exchange(
  account: string,
  api: ApiHandler,
  request: Parameters<ApiHandler>[0],
): Promise<ApiResponse> {
  try {
    return await api(request);
  } catch (error: unknown) {
    if (error instanceof ApiTunnelError) return failedExchange(account, error);
    throw error;
  }
}

async function textOf({ body }: ApiResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(body)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
