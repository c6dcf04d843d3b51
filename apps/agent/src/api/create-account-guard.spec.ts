import { chunksOf, noBody, type ApiResponse } from '@fairlead/api-tunnel';
import type { ClusterClient, LiveRequest } from '@fairlead/cluster-client';
import { accountSchema } from '../account-config.ts';
import { createAccountGuard } from './create-account-guard.ts';

const canary = 'canary-of-the-guard';
const resources = JSON.stringify({ resources: [{ name: 'doors', kind: 'Door' }] });
const object = `{"spec":{"code":"${canary}","seen":1}}`;

function setUp(redact: readonly { kinds: readonly string[]; paths: readonly string[] }[]) {
  const sent: LiveRequest[] = [];
  const asked: string[] = [];
  const client = {
    exchange: (request: LiveRequest) => {
      sent.push(request);
      const headers = { 'content-type': 'application/json' };
      return Promise.resolve({ status: 200, headers, body: chunksOf(Buffer.from(object)) });
    },
    request: ({ path }: { path: string }) => {
      asked.push(path);
      return Promise.resolve({ status: 200, text: () => Promise.resolve(resources) });
    },
  } as unknown as ClusterClient;
  const account = accountSchema.parse({ name: 'prod', serviceAccount: true });
  const guard = createAccountGuard(account, {
    ...{ client: () => client, policy: { redact }, nowMs: () => 0, onRefusal: () => undefined },
  });
  const ask = async (target: string): Promise<string> => {
    const request = { method: 'GET', target, headers: {}, upgrade: '', body: noBody, caller: '' };
    return textOf(await guard.handle({ ...request, signal: new AbortController().signal }));
  };
  return { ask, asked, sent };
}

async function textOf({ body }: ApiResponse): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of chunksOf(body)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

describe(createAccountGuard, () => {
  it('redacts the kinds of the rules, and asks nothing where there are none', async () => {
    const rules = [{ kinds: ['door.x.io'], paths: ['.spec.code'] }];
    const { ask, asked } = setUp(rules);
    const free = setUp([]);

    expect(await ask('/apis/x.io/v1/doors/d')).toBe('{"spec":{"seen":1}}');
    expect(asked).toEqual(['/apis/x.io/v1']);
    expect(await free.ask('/apis/x.io/v1/doors/d')).toBe(object);
    expect(free.asked).toEqual([]);
  });

  it('leaves kinds alone that no rule names', async () => {
    const { ask } = setUp([{ kinds: ['gate.x.io'], paths: ['.spec.code'] }]);

    expect(await ask('/apis/x.io/v1/doors/d')).toBe(object);
    expect(await ask('/version')).toBe(object);
  });

  it('redacts by all rules where nobody knows the kind', async () => {
    const rules = [
      { kinds: ['gate'], paths: ['.spec.code'] },
      { kinds: ['pod'], paths: ['.spec.seen'] },
    ];
    const { ask } = setUp(rules);

    expect(await ask('/apis/x.io/v1/unknowns/u')).toBe('{"spec":{}}');
  });

  it('redacts Secrets beside their values, as the rules for their kind say', async () => {
    const { ask, asked } = setUp([{ kinds: ['secret'], paths: ['.spec.code'] }]);

    expect(await ask('/api/v1/namespaces/a/secrets/s')).toBe('{"spec":{"seen":1}}');
    expect(asked).toEqual([]);
  });
});
