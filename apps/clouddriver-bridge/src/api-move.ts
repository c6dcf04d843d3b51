/** The route that gives an account's name to another cluster, after its own was rebuilt. */
import { type AccountRegistry, type MoveRefusal } from '@fairlead/account-registry';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type ApiClient } from './access/api-client.ts';
import { type BridgeEvents } from './bridge-events.ts';
import { ApiError } from './problem-details.ts';

/** What the route works with. */
export interface MoveRouteDeps {
  readonly registry: Pick<AccountRegistry, 'move'>;
  readonly events: Pick<BridgeEvents, 'moveAsked'>;
  /** Who calls. */
  readonly clientOf: (request: object) => ApiClient;
}

const bodySchema = z
  .strictObject({
    /** `uid` of the new cluster's namespace kube-system. */
    uid: z.string().min(1).max(128).optional(),
  })
  .nullish();

const refusals: Readonly<Record<MoveRefusal, (name: string) => ApiError>> = {
  unknown: (name) => new ApiError(404, `there is no account ${JSON.stringify(name)}`),
  busy: () =>
    new ApiError(409, 'its rows are being deleted, or the database is being asked: try again'),
  noOffer: () =>
    new ApiError(409, 'no agent of this bridge offers another cluster by this name: give its uid'),
  ambiguous: () => new ApiError(409, 'several other clusters are offered: give the uid of one'),
  sameCluster: () => new ApiError(409, 'the name means this cluster already'),
};

/** Adds the route. */
export function addMoveRoute(app: FastifyInstance, deps: MoveRouteDeps): void {
  const { registry, events, clientOf } = deps;
  app.post<{ Params: { name: string } }>('/api/v1/accounts/:name/move', (request, reply) => {
    const { name } = request.params;
    const client = clientOf(request);
    // What it may not see is not there for it.
    if (!client.mayRead(name)) throw refusals.unknown(name);
    if (!client.mayWrite(name)) throw new ApiError(403, 'this needs a client with access: write');
    const body = bodySchema.safeParse(request.body);
    if (!body.success) throw new ApiError(400, 'the body may be { "uid": "..." } only');
    const choice = registry.move(name, body.data?.uid);
    if (choice.kind === 'refused') {
      events.moveAsked({ account: name, client: client.name, outcome: choice.why });
      throw refusals[choice.why](name);
    }
    const [from, to] = [choice.from.cluster, choice.to.cluster];
    events.moveAsked({ account: name, client: client.name, outcome: 'begun', from, to });
    return reply.code(202).send({ name, from, to });
  });
}
