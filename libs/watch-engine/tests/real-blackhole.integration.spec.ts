/**
 * A connection whose packets are dropped by something in between: neither side is told. With
 * BLACKHOLE=real the timeouts are those of an installation, and the test takes more than a minute.
 */
import { clusterClientFromServiceAccount, type ClusterClient } from '@fairlead/cluster-client';
import { acquireKube, isUnavailable, type KubeServer } from '@fairlead/testbed';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordingSink } from '../src/testing/index.ts';
import { startWatching, type RealWatching } from './real-watching.ts';

const IS_REAL = process.env.BLACKHOLE === 'real';
const TUNING = IS_REAL ? {} : { idleTimeoutMs: 3_000, permitPatienceMs: 1_000 };
const CONNECTION = IS_REAL ? {} : { pingAfterMs: 1_500, pingTimeoutMs: 500 };
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

/** Passes connections on, until it swallows what is under way; new ones are passed on again. */
class Blackhole {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(target: { readonly host: string; readonly port: number }) {
    this.#server = createServer((near) => {
      const far = connect(target);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
        from.pipe(to);
      }
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on nothing of what is connected arrives anywhere, and nothing is closed. */
  swallow(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.removeAllListeners('close');
      socket.pause();
    }
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

describe.each(['offer', 'never'] as const)(
  'a connection that is swallowed, HTTP/2: %s',
  (http2) => {
    (isUnavailable('kube') ? describe.skip : describe)('(kube-apiserver and etcd)', () => {
      let kube: KubeServer;
      let client: ClusterClient;
      let blackhole: Blackhole;
      let folder: string;
      let watching: RealWatching | undefined;

      beforeAll(async () => {
        kube = await acquireKube();
        const name = `blackhole-${http2}`;
        const token = await kube.serviceAccountToken({ name });
        await kube.request({
          method: 'POST',
          path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
          body: {
            metadata: { name },
            roleRef: {
              apiGroup: 'rbac.authorization.k8s.io',
              kind: 'ClusterRole',
              name: 'cluster-admin',
            },
            subjects: [{ kind: 'ServiceAccount', name, namespace: 'default' }],
          },
        });
        folder = await mkdtemp(join(tmpdir(), 'watch-engine-'));
        await writeFile(join(folder, 'token'), token);
        await writeFile(join(folder, 'ca.crt'), kube.caPem);
        const { hostname, port } = new URL(kube.url);
        blackhole = new Blackhole({ host: hostname, port: Number(port) });
        const server = `https://127.0.0.1:${await blackhole.listen()}`;
        client = await clusterClientFromServiceAccount({ server, folder, http2, ...CONNECTION });
      }, 600_000);

      afterAll(async () => {
        await watching?.stop();
        client.close();
        blackhole.close();
        await rm(folder, { recursive: true });
        await kube[Symbol.asyncDispose]();
      });

      it('is replaced, and what happened meanwhile arrives', async () => {
        const sink = new RecordingSink();
        watching = startWatching({
          api: client,
          sink,
          options: { kinds: ['configMap'], tuning: TUNING },
        });
        const states = (): readonly string[] =>
          sink.feed('configmaps')?.statuses.map(({ state }) => state) ?? [];
        await sink.until(() => states().at(-1) === 'watching');

        blackhole.swallow();
        const name = `in-the-dark-${http2}-${process.pid}`;
        await kube.request({ method: 'POST', path: CONFIG_MAPS, body: { metadata: { name } } });
        await sink.until(() => sink.feed('configmaps')!.view.has(`default/${name}`));

        expect(states().slice(-2)).toEqual(['lost', 'watching']);
        expect(sink.feed('configmaps')!.deltas.filter(({ kind }) => kind === 'init')).toHaveLength(
          1,
        );
      }, 120_000);
    });
  },
);
