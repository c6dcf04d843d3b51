import type { AccountReport } from './account-session.ts';
import { adminRoutes } from './admin-pages.ts';

function report(name: string, state: AccountReport['state']): AccountReport {
  const feed = {
    group: '',
    version: 'v1',
    resource: 'pods',
    kind: 'Pod',
    namespaced: true,
    namespace: '',
  };
  return {
    name,
    state,
    reason: state === 'rejected' ? 'other cluster' : '',
    sinceMs: 0,
    cluster: undefined,
    epoch: 1,
    creditBytes: 5,
    feeds: [{ feed, status: { state: 'watching', reason: '', sinceMs: 0 } }],
  };
}

async function ask(path: string): Promise<{ status: number; body: unknown }> {
  const reports = () => [report('a', 'feeding'), report('b', 'rejected'), report('c', 'feeding')];
  const link = () => ({ up: true, bridge: 'b-1', reason: '' });
  const url = new URL(path, 'http://x');
  const route = adminRoutes({ reports, version: '1.2.3', link }).find(
    ({ path: at }) => at === url.pathname,
  );
  const reply = await route!.handle(url.searchParams);
  return { status: reply.status, body: JSON.parse(reply.body) as unknown };
}

describe(adminRoutes, () => {
  it.each([
    ['/accounts', 3, ['a', 'b', 'c']],
    ['/accounts?state=rejected', 1, ['b']],
    ['/accounts?State.Name=Feeding', 2, ['a', 'c']],
    ['/accounts?Config.Name=c', 1, ['c']],
    ['/accounts?offset=1&limit=1', 3, ['b']],
  ])('%p lists %p, among them %p', async (path, total, names) => {
    const { body } = await ask(path);

    const items = names.map((name) => ({ name, feeds: { watching: 1 } }));
    expect(body).toMatchObject({ total, items });
  });

  it('refuses a limit that is no number', async () => {
    expect((await ask('/accounts?limit=many')).status).toBe(400);
  });

  it('shows each feed, and the version with the link', async () => {
    expect((await ask('/watches')).body).toMatchObject([
      { account: 'a', feeds: [{ resource: 'pods', state: 'watching' }] },
      {},
      {},
    ]);
    expect((await ask('/version')).body).toMatchObject({
      version: '1.2.3',
      link: { up: true, bridge: 'b-1' },
    });
  });
});
