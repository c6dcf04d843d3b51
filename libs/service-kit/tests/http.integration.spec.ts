/** The small HTTP server with real sockets, and metrics through it. */
import {
  createMetricsRegistry,
  jsonReply,
  metricsRoutes,
  startHttpServer,
  type RunningHttpServer,
} from '../src/index.ts';

const registry = createMetricsRegistry({ program: 'fairlead-test', version: '1.2.3' });
let server: RunningHttpServer;
const faults: string[] = [];

beforeAll(async () => {
  server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    routes: [
      { path: '/echo', handle: (query) => jsonReply({ q: query.get('q') }) },
      { path: '/bad', handle: () => Promise.reject(new Error('inner detail')) },
      ...metricsRoutes(registry, ['/metrics', '/prometheus_metrics']),
    ],
    onError: (_error, path) => faults.push(path),
  });
});

afterAll(() => server.close());

const ask = (path: string, method = 'GET') =>
  fetch(`http://127.0.0.1:${server.port}${path}`, { method });

describe(startHttpServer, () => {
  it('serves a route with its query', async () => {
    expect(await (await ask('/echo?q=1')).json()).toEqual({ q: '1' });
  });

  it('answers HEAD without a body, 404 for other paths and 405 for other methods', async () => {
    const head = await ask('/echo', 'HEAD');

    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await ask('/none')).status).toBe(404);
    expect((await ask('/echo', 'POST')).status).toBe(405);
  });

  it('hides the message of a fault and reports it', async () => {
    const reply = await ask('/bad');

    expect(reply.status).toBe(500);
    expect(await reply.text()).not.toContain('inner detail');
    expect(faults).toEqual(['/bad']);
  });

  it('rejects when the port is taken', async () => {
    const again = startHttpServer({ host: '127.0.0.1', port: server.port, routes: [] });

    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe(metricsRoutes, () => {
  it.each(['/metrics', '/prometheus_metrics'])('serves the process metrics at %p', async (path) => {
    expect(await (await ask(path)).text()).toContain('process_cpu_user_seconds_total');
  });

  it("serves the program's name, version and limit of memory", async () => {
    const text = await (await ask('/metrics')).text();

    expect(text).toContain('fairlead_build_info{program="fairlead-test",version="1.2.3"} 1');
    expect(text).toMatch(/process_resident_memory_bytes\{program="fairlead-test"\} [1-9]/);
    expect(text).toMatch(/process_memory_limit_bytes\{program="fairlead-test"\} [1-9]/);
  });
});
