/** Routes of accounts, their feeds, agents, and the replicas of the bridge. */
import type { FastifyInstance } from 'fastify';
import { type ApiClient } from './access/api-client.ts';
import { pageOf, readPageQuery } from './api-query.ts';
import { type BridgeView } from './bridge-view.ts';
import { ApiError } from './problem-details.ts';

/** Adds the routes. `clientOf` gives who calls. */
export function addAccountRoutes(
  app: FastifyInstance,
  view: BridgeView,
  clientOf: (request: object) => ApiClient,
): void {
  app.get('/api/v1/accounts', async (request) => {
    const client = clientOf(request);
    const names = view.accountNames().filter((name) => client.mayRead(name));
    const { names: page, ...more } = pageOf(names, readPageQuery(request.query));
    const items = await Promise.all(page.map((name) => view.account(name)));
    return { items: items.filter((item) => item !== undefined), ...more };
  });

  app.get<{ Params: { name: string } }>('/api/v1/accounts/:name', async (request) => {
    const { name } = request.params;
    const account = mayRead(clientOf(request), name) ? await view.account(name) : undefined;
    if (account === undefined) throw unknownAccount(name);
    return account;
  });

  app.get<{ Params: { name: string } }>('/api/v1/accounts/:name/feeds', async (request) => {
    const { name } = request.params;
    const query = readPageQuery(request.query);
    const feeds = mayRead(clientOf(request), name) ? await view.feeds(name) : undefined;
    if (feeds === undefined) throw unknownAccount(name);
    const byKey = new Map(
      feeds.map((feed) => [`${feed.kind}\n${feed.group}\n${feed.namespace}`, feed]),
    );
    const { names, ...more } = pageOf([...byKey.keys()].sort(), query);
    return { items: names.map((key) => byKey.get(key)), ...more };
  });

  app.get('/api/v1/replicas', async (request) => {
    clientOf(request);
    const query = readPageQuery(request.query);
    const replicas = new Map((await view.replicas()).map((replica) => [replica.name, replica]));
    const { names, ...more } = pageOf([...replicas.keys()].sort(), query);
    return { items: names.map((name) => replicas.get(name)), ...more };
  });

  app.get('/api/v1/agents', (request) => {
    const client = clientOf(request);
    const query = readPageQuery(request.query);
    const agents = view.agents().map((agent) => {
      return { ...agent, accounts: agent.accounts.filter(({ name }) => client.mayRead(name)) };
    });
    const byKey = new Map(agents.map((agent) => [`${agent.name}\n${agent.instance}`, agent]));
    const { names, ...more } = pageOf([...byKey.keys()].sort(), query);
    return { items: names.map((key) => byKey.get(key)), ...more };
  });
}

/** Whether the client may know of the account; what it may not see is not there for it. */
function mayRead(client: ApiClient, name: string): boolean {
  return client.mayRead(name);
}

function unknownAccount(name: string): ApiError {
  return new ApiError(404, `there is no account ${JSON.stringify(name)}`);
}
