import {
  ApiTunnelError,
  type ApiHeaders,
  type ApiRequest,
  type ApiResponse,
} from '@fairlead/api-tunnel';
import { FakeClock, settled } from '../../tests/fake-clock.ts';
import { aRequest, textOf } from '../../tests/gateway-requests.ts';
import { DiscoveryCache, type DiscoveryOutcome } from './discovery-cache.ts';

/** A cluster that answers when it is told to. */
class Cluster {
  readonly seen: ApiRequest[] = [];
  status = 200;
  body = 'groups';
  headers: ApiHeaders = { 'content-type': 'application/json', 'audit-id': 'x' };
  #held: Promise<void> | undefined;
  #failure: Error | undefined;

  hold(): () => void {
    let release: () => void = () => undefined;
    this.#held = new Promise((resolve) => (release = resolve));
    return () => {
      this.#held = undefined;
      release();
    };
  }

  fail(error: Error): void {
    this.#failure = error;
  }

  readonly answer = async (request: ApiRequest): Promise<ApiResponse> => {
    this.seen.push(request);
    const [failure, held] = [this.#failure, this.#held];
    this.#failure = undefined;
    if (held !== undefined) await Promise.race([held, aborted(request.signal)]);
    if (failure !== undefined) throw failure;
    const { status, headers, body } = this;
    const { etag } = headers;
    if (etag !== undefined && request.headers['if-none-match'] === etag) {
      return { status: 304, headers, body: Buffer.alloc(0) };
    }
    return { status, headers, body: Buffer.from(body) };
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new ApiTunnelError('aborted', 'x')));
  });
}

function aBridge(limits?: { totalBytes: number; perOwnerBytes: number }) {
  const clock = new FakeClock();
  const cluster = new Cluster();
  const outcomes: DiscoveryOutcome[] = [];
  const state = { generation: 'epoch 1' as string | undefined };
  const cache = new DiscoveryCache({
    clock,
    generationOf: () => state.generation,
    observed: (outcome) => outcomes.push(outcome),
    ...(limits && { limits }),
  });
  const handler = cache.handler('prod', cluster.answer);
  const ask = async (target: string, parts?: Partial<ApiRequest>): Promise<string> =>
    textOf(await handler(aRequest(target, parts)));
  return { clock, cluster, outcomes, state, cache, handler, ask };
}

describe(DiscoveryCache, () => {
  it('asks the cluster once for what many ask', async () => {
    const { cluster, ask, outcomes } = aBridge();

    const first = await Promise.all([ask('/apis'), ask('/apis?timeout=32s'), ask('/apis')]);
    const later = await ask('/apis');

    expect([...first, later]).toEqual(Array(4).fill('groups'));
    expect(cluster.seen).toHaveLength(1);
    expect(cluster.seen[0]).toMatchObject({ target: '/apis', headers: { accept: '*/*' } });
    expect(outcomes).toEqual(['miss', 'hit']);
  });

  it('keeps what is the answer’s own and not what is the request’s', async () => {
    const { handler } = aBridge();
    await handler(aRequest('/apis'));

    const { headers } = await handler(aRequest('/apis'));

    expect(headers).toEqual({ 'content-type': 'application/json' });
  });

  it('answers who has it already itself', async () => {
    const { cluster, handler } = aBridge();
    cluster.headers = { ...cluster.headers, etag: '"7"' };
    const headers = { 'if-none-match': '"7"' };

    const responses = [
      await handler(aRequest('/openapi/v2', { headers })),
      await handler(aRequest('/openapi/v2', { headers })),
    ];

    expect(responses).toMatchObject(Array(2).fill({ status: 304, headers: { etag: '"7"' } }));
    expect(cluster.seen.map((request) => request.headers['if-none-match'])).toEqual([undefined]);
  });

  it('passes on and does not keep what is no discovery, or in another’s name', async () => {
    const { cluster, ask } = aBridge();
    await ask('/apis');

    await ask('/api/v1/pods');
    await ask('/apis', { headers: { 'impersonate-user': 'jane' } });
    await ask('/apis', { headers: { 'impersonate-user': 'jane' } });

    expect(cluster.seen).toHaveLength(4);
  });

  it('passes on everything while the account is fed elsewhere', async () => {
    const { cluster, ask, state } = aBridge();
    state.generation = undefined;

    await ask('/apis');
    await ask('/apis');

    expect(cluster.seen).toHaveLength(2);
  });

  it('does not keep what is no 200', async () => {
    const { cluster, handler, ask } = aBridge();
    cluster.status = 403;

    expect((await handler(aRequest('/apis'))).status).toBe(403);
    cluster.status = 200;

    expect(await ask('/apis')).toBe('groups');
    expect(cluster.seen).toHaveLength(2);
  });

  describe('as time goes by', () => {
    it('asks behind an answer that is used whether it still holds', async () => {
      const { cluster, clock, ask, outcomes } = aBridge();
      cluster.headers = { etag: '"1"' };
      await ask('/apis');
      await clock.advance(31_000);

      expect(await ask('/apis')).toBe('groups');
      await settled();

      expect(cluster.seen[1]?.headers['if-none-match']).toBe('"1"');
      expect(outcomes).toEqual(['miss', 'hit', 'revalidated']);
      await ask('/apis');
      expect(cluster.seen).toHaveLength(2);
    });

    it('gives what the look behind has found, and drops the rest', async () => {
      const { cluster, clock, ask } = aBridge();
      await ask('/apis');
      await ask('/api/v1');
      await clock.advance(31_000);
      cluster.body = 'more groups';

      expect(await ask('/apis')).toBe('groups');
      await settled();

      expect(await ask('/apis')).toBe('more groups');
      expect(await ask('/api/v1')).toBe('more groups');
      expect(cluster.seen).toHaveLength(4);
    });

    it('goes on with what it has when the look behind fails', async () => {
      const { cluster, clock, ask, outcomes } = aBridge();
      await ask('/apis');
      await clock.advance(31_000);
      cluster.fail(new ApiTunnelError('noAnswer', 'x'));

      await ask('/apis');
      await settled();

      expect(outcomes).toEqual(['miss', 'hit', 'failed']);
      expect(await ask('/apis')).toBe('groups');
    });

    it('waits for the cluster when nobody has asked for ten minutes', async () => {
      const { cluster, clock, ask } = aBridge();
      await ask('/apis');
      await clock.advance(600_001);
      cluster.body = 'more groups';

      expect(await ask('/apis')).toBe('more groups');
    });

    it('never asks again for what is named by its hash', async () => {
      const { cluster, clock, ask, cache } = aBridge();
      await ask('/openapi/v3/apis/apps/v1?hash=AB');
      await clock.advance(3_600_000);
      cache.changed('prod');

      await ask('/openapi/v3/apis/apps/v1?hash=AB');

      expect(cluster.seen).toHaveLength(1);
    });
  });

  describe('when definitions change', () => {
    it('asks again, and looks closely until the API server has settled', async () => {
      const { cluster, clock, ask, cache } = aBridge();
      await ask('/apis');

      cache.changed('prod');
      await ask('/apis');
      await clock.advance(1500);
      cluster.body = 'more groups';

      expect(await ask('/apis')).toBe('more groups');
      expect(cluster.seen).toHaveLength(3);
    });

    it('gives what it has when the cluster does not say soon what there is now', async () => {
      const { cluster, clock, ask, cache } = aBridge();
      cache.changed('prod');
      await ask('/apis');
      await clock.advance(1500);
      const release = cluster.hold();

      const waiting = ask('/apis');
      await settled();
      await clock.advance(2000);

      expect(await waiting).toBe('groups');
      release();
    });

    it('does not keep what was asked for before', async () => {
      const { cluster, ask, cache } = aBridge();
      const release = cluster.hold();
      const before = ask('/apis');
      await settled();
      cache.changed('prod');
      release();
      await before;
      cluster.body = 'more groups';

      expect(await ask('/apis')).toBe('more groups');
    });

    it('gives nobody who asks afterwards what was asked for before', async () => {
      const { cluster, ask, cache } = aBridge();
      const release = cluster.hold();
      const before = ask('/apis');
      await settled();
      cache.changed('prod');
      release();
      cluster.body = 'more groups';

      expect(await Promise.all([before, ask('/apis')])).toContain('more groups');
      expect(cluster.seen).toHaveLength(2);
    });

    it('leaves other accounts alone', async () => {
      const { cluster, ask, cache } = aBridge();
      await ask('/apis');

      cache.changed('test');
      await ask('/apis');

      expect(cluster.seen).toHaveLength(1);
    });
  });

  it('forgets what was another epoch’s', async () => {
    const { cluster, ask, state, cache } = aBridge();
    await ask('/apis');
    await ask('/api');
    state.generation = 'epoch 2';
    cluster.body = 'other groups';

    expect(await ask('/apis')).toBe('other groups');
    expect(await ask('/api')).toBe('other groups');
    cache.forget('prod');
    expect(cache.keptBytes).toBe(0);
  });

  describe('of many who wait', () => {
    it('one who leaves spoils nothing', async () => {
      const { cluster, handler } = aBridge();
      const release = cluster.hold();
      const leaving = new AbortController();
      const [gone, staying] = [
        handler(aRequest('/apis', { signal: leaving.signal })),
        handler(aRequest('/apis')),
      ];
      await settled();

      leaving.abort();
      release();

      await expect(gone).rejects.toMatchObject({ code: 'aborted' });
      expect(await textOf(await staying)).toBe('groups');
      expect(cluster.seen).toHaveLength(1);
    });

    it('the last one who leaves ends the request, and the next one begins anew', async () => {
      const { cluster, handler, ask } = aBridge();
      const release = cluster.hold();
      const leaving = new AbortController();
      const gone = handler(aRequest('/apis', { signal: leaving.signal }));
      await settled();

      leaving.abort();

      await expect(gone).rejects.toMatchObject({ code: 'aborted' });
      expect(cluster.seen[0]?.signal.aborted).toBe(true);
      release();
      expect(await ask('/apis')).toBe('groups');
    });

    it('a failure is only the first one’s', async () => {
      const { cluster, ask } = aBridge();
      const release = cluster.hold();
      cluster.fail(new ApiTunnelError('interrupted', 'x'));
      const asked = Promise.allSettled([ask('/apis'), ask('/apis'), ask('/apis')]);
      await settled();

      release();

      expect((await asked).map(({ status }) => status)).toEqual([
        'rejected',
        'fulfilled',
        'fulfilled',
      ]);
      expect(cluster.seen).toHaveLength(2);
    });
  });

  it('passes on what is too long to be kept, and does not read it in vain again', async () => {
    const { cluster, ask, cache } = aBridge({ totalBytes: 8000, perOwnerBytes: 4000 });
    cluster.body = 'x'.repeat(2001);

    expect(await ask('/openapi/v2')).toBe(cluster.body);
    expect(await ask('/openapi/v2')).toBe(cluster.body);

    expect(cluster.seen).toHaveLength(3);
    expect(cache.keptBytes).toBeLessThan(2000);
  });
});
