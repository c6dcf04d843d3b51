/** The programs run in their images, as an engine with the strictest settings would run them. */
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import {
  acquireMariaDb,
  acquirePostgres,
  freePort,
  isUnavailable,
  startContainer,
  type ContainerHandle,
  type ContainerOptions,
} from '@fairlead/testbed';
import { buildImages, evaluate, runContainer, type BuiltImages } from './built-images.ts';

const composeFolder = resolve(__dirname, '../../../docker/compose');
const config = '/opt/fairlead/config';
const data = '/var/lib/fairlead';
const user = 65532;

(isUnavailable('images') ? describe.skip : describe)('a program in its image', () => {
  let images: BuiltImages;
  let folder: string;
  const started: ContainerHandle[] = [];
  beforeAll(async () => {
    images = await buildImages();
  }, 900_000);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'image-runs-'));
    chmodSync(folder, 0o755);
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((container) => container[Symbol.asyncDispose]()));
    rmSync(folder, { recursive: true });
  });

  /** A folder of the image's user, or with files that it can read. */
  const makeFolder = (name: string, files: Readonly<Record<string, string>> = {}) => {
    const path = join(folder, name);
    mkdirSync(path);
    chownSync(path, user, user);
    for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
    return path;
  };
  const start = async (options: ContainerOptions) => {
    const container = await startContainer(options);
    started.push(container);
    return container;
  };

  it.each(['agent', 'bridge', 'conformance'] as const)('%s tells its version', async (name) => {
    const { version } = JSON.parse(
      readFileSync(join(images[name].root, `usr/lib/fairlead/${name}/package.json`), 'utf8'),
    ) as { version: string };

    const { reason, output } = await runContainer({ image: images[name], args: ['--version'] });

    expect({ reason, output }).toEqual({ reason: 'exit code 0', output: `${version}\n` });
  });

  it.each(['agent', 'bridge'] as const)(
    '%s checks the configuration of compose.yaml',
    async (name) => {
      const files = makeFolder('config');
      copyFileSync(join(composeFolder, `${name}.yaml`), join(files, `${name}.yaml`));
      const mounts = { [config]: { from: files, access: 'read' } } as const;

      const { reason, output } = await runContainer({
        image: images[name],
        args: ['--check'],
        mounts,
      });

      expect({ reason, output }).toEqual({
        reason: 'exit code 0',
        output: expect.stringContaining(`${config}/${name}.yaml`),
      });
    },
  );

  it('agent names a problem of its configuration with exit code 2', async () => {
    const files = makeFolder('config', { 'agent.yaml': 'kubernets: {}\n' });
    const mounts = { [config]: { from: files, access: 'read' } } as const;

    const { reason, output } = await runContainer({
      image: images.agent,
      args: ['--check'],
      mounts,
    });

    expect(reason).toBe('exit code 2');
    expect(output).toContain('kubernetes');
  });

  it('conformance says that benchmarks are not in it', async () => {
    const { reason, output } = await runContainer({
      image: images.conformance,
      args: ['bench', 'sync'],
    });

    expect(reason).toBe('exit code 2');
    expect(output).toContain('need a clone');
  });

  it('can neither write to its root nor gain anything', async () => {
    const script = `
      import { readFileSync, writeFileSync } from 'node:fs';
      const errors = ['/x', '/usr/x', '/opt/fairlead/config/x', '/etc/passwd'].map((path) => {
        try { writeFileSync(path, ''); } catch (error) { return error.code; }
      });
      const status = readFileSync('/proc/self/status', 'utf8');
      const line = (name) => status.match(new RegExp('^' + name + ':\\\\s*(.*)$', 'm'))[1];
      console.log(JSON.stringify([errors, line('Uid'), line('CapEff'), line('NoNewPrivs')]));`;

    const { output } = await evaluate(images.agent, script);

    expect(JSON.parse(output)).toEqual([
      ['EROFS', 'EROFS', 'EROFS', 'EROFS'],
      '65532\t65532\t65532\t65532',
      '0000000000000000',
      '1',
    ]);
  });

  it('leaves no zombie of what plugins leave behind', async () => {
    // A child that ends before its own child makes that an orphan, which falls to process 1.
    const script = `
      import { spawn, spawnSync } from 'node:child_process';
      import { readdirSync, readFileSync } from 'node:fs';
      const orphan = "setTimeout(() => {}, 300)";
      const parent = 'const { spawn } = require("child_process");' +
        'spawn("node", ["--eval", ' + JSON.stringify(orphan) + '], { detached: true, stdio: "ignore" }).unref()';
      spawnSync('node', ['--eval', parent]);
      const states = () => readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).map((pid) => {
        try { return readFileSync('/proc/' + pid + '/stat', 'utf8').split(') ')[1][0]; } catch { return ''; }
      });
      const before = states().length;
      const until = Date.now() + 20_000;
      while (states().length > 2 && Date.now() < until) await new Promise((done) => setTimeout(done, 50));
      console.log(JSON.stringify({ before, after: states().length, zombies: states().filter((s) => s === 'Z').length }));`;

    const { output } = await evaluate(images.agent, script);

    expect(JSON.parse(output)).toEqual({ before: 3, after: 2, zombies: 0 });
  });

  it('carries a simulated cluster into the embedded database, and stops in order', async () => {
    const [grpcPort, httpPort, agentPort] = [await freePort(), await freePort(), await freePort()];
    const url = `http://127.0.0.1:${httpPort}`;
    const shared = makeFolder('shared', {
      'bridge.yaml': stringify({
        grpc: { port: grpcPort },
        http: { port: httpPort },
        sql: { schema: 'standalone' },
      }),
      'agent.yaml': stringify({
        clouddriver: { grpc: `127.0.0.1:${grpcPort}`, insecure: true },
        kubernetes: {
          accounts: ['sim-1', 'sim-2'].map((name) => ({
            name,
            kubeconfigFile: `${config}/${name}.yaml`,
            context: name,
          })),
        },
        server: { port: agentPort },
        prometheus: { enabled: false },
      }),
    });
    const cluster = await start({
      image: images.conformance,
      args: ['simulate', '--clusters=2', '--objects=300', `--kubeconfig-out=${data}/sim-1.yaml`],
      mounts: { [data]: { from: shared, access: 'write' } },
    });
    await until(cluster, () => readFileSync(join(shared, 'sim-1.yaml'), 'utf8').includes('sim-2'));
    writeFileSync(
      join(shared, 'sim-2.yaml'),
      withProvider(readFileSync(join(shared, 'sim-1.yaml'), 'utf8')),
    );
    const mounts = { [config]: { from: shared, access: 'read' } } as const;
    const own = makeFolder('data');
    const bridge = await start({
      image: images.bridge,
      mounts: { ...mounts, [data]: { from: own, access: 'write' } },
    });
    await until(bridge, async () => (await fetch(`${url}/readyz`)).ok);

    const agent = await start({ image: images.agent, mounts });
    await until(agent, () => areSynced(url, 2));

    for (const account of ['sim-1', 'sim-2']) {
      const { reason, output } = await runContainer({
        image: images.conformance,
        args: [
          'verify',
          ...[`--kubeconfig=${config}/sim-1.yaml`, `--context=${account}`],
          ...[`--bridge=${url}`, `--account=${account}`],
        ],
        mounts,
      });
      expect({ reason, output }).toEqual({ reason: 'exit code 0', output: expect.any(String) });
      expect(output).toMatch(/missing\D+0\b/);
    }
    for (const container of [agent, bridge, cluster]) {
      container.signal('SIGTERM');
      expect(await container.waitForEnd()).toBe('exit code 0');
    }
  }, 120_000);

  describe.each([
    { database: 'postgres', acquire: acquirePostgres },
    { database: 'mariadb', acquire: acquireMariaDb },
  ] as const)('bridge on $database', ({ database, acquire }) => {
    (isUnavailable(database) ? it.skip : it)(
      'gets ready',
      async () => {
        await using server = await acquire();
        const made = await server.createDatabase();
        const httpPort = await freePort();
        const env = {
          FAIRLEAD_SQL_URL: made.url,
          FAIRLEAD_SQL_SCHEMA: 'standalone',
          FAIRLEAD_GRPC_PORT: String(await freePort()),
          FAIRLEAD_HTTP_PORT: String(httpPort),
        };

        const bridge = await start({ image: images.bridge, env });
        await until(bridge, async () => (await fetch(`http://127.0.0.1:${httpPort}/readyz`)).ok);
        bridge.signal('SIGTERM');

        expect(await bridge.waitForEnd()).toBe('exit code 0');
      },
      60_000,
    );
  });
});

/** Asks until the answer is yes; throwing counts as no. Fails at once when the container has ended. */
async function until(container: ContainerHandle, isTrue: () => boolean | Promise<boolean>) {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline;) {
    if (container.ended !== undefined) break;
    if (await asked(isTrue)) return;
    await delay(50);
  }
  throw new Error(`${container.ended ?? 'not in time'}: ${await container.readLog()}`);
}

async function asked(isTrue: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await isTrue();
  } catch {
    // Not there yet.
    return false;
  }
}

async function areSynced(url: string, count: number): Promise<boolean> {
  const response = await fetch(`${url}/api/v1/accounts`);
  const { items } = (await response.json()) as { items: readonly { state: string }[] };
  return items.length === count && items.every(({ state }) => state === 'synced');
}

/** The same clusters, by credentials that only the Kubernetes library reads: an unexpired OIDC token. */
function withProvider(kubeconfig: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'none' })}.${part({ exp: 4_000_000_000 })}.c2lnbmF0dXJl`;
  const parsed = JSON.parse(JSON.stringify(parse(kubeconfig))) as {
    users: { user: Record<string, unknown> }[];
  };
  for (const one of parsed.users) {
    one.user = { 'auth-provider': { name: 'oidc', config: { 'id-token': token } } };
  }
  return stringify(parsed);
}
