/** The program with everything in Vault: kubeconfigs and the link's token; one is rotated, one is missing, none is ever shown. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFleet, type Fleet } from '@fairlead/cluster-sim';
import {
  freePort,
  isUnavailable,
  startVault,
  waitUntil,
  type VaultHandle,
} from '@fairlead/testbed';
import { parse, stringify } from 'yaml';
import { FakeBridge } from './fake-bridge.ts';

const suite = isUnavailable('vault') ? describe.skip : describe;
const nodeArguments = ['--conditions=@fairlead/source', join(__dirname, '../src/main.ts')];
/** In every value; nothing that the program says or writes may hold it. */
const canary = 'canary-c0ffee';

/** For the agent to read, and to act on, what has changed in Vault. */
const patienceMs = 30_000;

interface LogLine {
  readonly msg: string;
  readonly secret?: string;
  readonly reason?: string;
  readonly started?: readonly string[];
  readonly stopped?: readonly string[];
}

suite('fairlead-agent with its secrets in Vault', () => {
  const bridge = new FakeBridge();
  let vault: VaultHandle;
  let fleet: Fleet;
  let directory: string;
  let child: ChildProcess | undefined;
  let output = '';

  beforeAll(async () => {
    [vault, fleet, directory] = await Promise.all([
      startVault(),
      startFleet({ objectsPerCluster: 20 }),
      mkdtemp(join(tmpdir(), 'fairlead-vault-')),
      bridge.start(),
    ]);
    await ask('sys/mounts/secret', { type: 'kv', options: { version: '2' } });
    const policy = 'path "secret/data/fairlead/*" { capabilities = ["read"] }';
    await ask('sys/policies/acl/agent', { policy });
  }, 600_000);

  afterAll(async () => {
    child?.kill('SIGKILL');
    bridge.stop();
    await Promise.all([vault.stop(), fleet.stop()]);
    await rm(directory, { recursive: true });
  });

  function ask(path: string, body: object): Promise<unknown> {
    return vault.request({ method: 'POST', path, body });
  }

  /** The fleet's kubeconfig with another token. */
  function kubeconfig(token: string): string {
    const document = parse(fleet.kubeconfig()) as { users: { user: object }[] };
    for (const each of document.users) each.user = { token: `${canary}-${token}` };
    return stringify(document);
  }

  function lines(): LogLine[] {
    const whole = output.slice(0, output.lastIndexOf('\n') + 1).split('\n');
    return whole.filter((line) => line !== '').map((line) => JSON.parse(line) as LogLine);
  }

  async function untilLine(isWanted: (line: LogLine) => boolean): Promise<LogLine> {
    const isSaid = () => lines().some(isWanted);
    const isInTime = await waitUntil(isSaid, { timeoutMs: patienceMs });
    const found = lines().find(isWanted);
    if (!isInTime || found === undefined) throw new Error(`not said in time:\n${output}`);
    return found;
  }

  it('feeds, restarts the account alone that was rotated, and shows no value', async () => {
    const config = kubeconfig('one');
    await ask('secret/data/fairlead/a', { data: { config } });
    await ask('secret/data/fairlead/b', { data: { config } });
    await ask('secret/data/fairlead/link', { data: { token: `${canary}-link` } });
    const { auth } = (await ask('auth/token/create', { policies: ['agent'], no_parent: true })) as {
      auth: { client_token: string };
    };
    const reference = (path: string) => `encryptedFile:vault!e:secret!p:${path}!k:config`;
    const context = 'sim-1';
    const port = await freePort();
    const file = join(directory, 'agent.yaml');
    await writeFile(
      file,
      stringify({
        clouddriver: {
          ...{ grpc: bridge.address, insecure: true },
          auth: { token: 'encrypted:vault!e:secret!p:fairlead/link!k:token' },
        },
        kubernetes: {
          accounts: [
            { name: 'a', kubeconfigFile: reference('fairlead/a'), context },
            { name: 'b', kubeconfigFile: reference('fairlead/b'), context },
            { name: 'missing', kubeconfigFile: reference('fairlead/none'), context },
          ],
        },
        server: { port },
        prometheus: { enabled: false },
        secrets: {
          refreshIntervalSeconds: 1,
          vault: { enabled: true, url: vault.url, authMethod: 'TOKEN' },
        },
      }),
    );
    const env = { ...process.env, VAULT_TOKEN: auth.client_token, TMPDIR: directory };
    child = spawn(process.execPath, [...nodeArguments, '--config', file], { env });
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));

    await bridge.until(
      () => bridge.objects('a', 'pods').length > 0 && bridge.objects('b', 'pods').length > 0,
    );
    await ask('secret/data/fairlead/a', { data: { config: kubeconfig('two') } });
    const change = await untilLine(({ stopped = [] }) => stopped.length > 0);
    const page = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    const said = await Promise.all(['/accounts', '/health', '/watches', '/metrics'].map(page));
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];

    expect(code).toBe(0);
    expect([change.stopped, change.started]).toEqual([['a'], ['a']]);
    const reason = 'engine vault, path secret/fairlead/none: there is no such secret';
    expect(said[0]).toContain(reason);
    expect(said[1]).toContain(reason);
    expect(output).toContain('"secret":"engine vault, path secret/fairlead/none"');
    for (const text of [output, ...said]) expect(text).not.toContain(canary);
    const written = await readdir(directory);
    expect(written.filter((name) => name !== 'agent.yaml')).toEqual([]);
    expect(await readFile(file, 'utf8')).not.toContain(canary);
  }, 120_000);
});
