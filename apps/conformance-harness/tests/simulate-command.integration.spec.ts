/** `fairlead-conformance simulate`: clusters that answer until the program is told to stop. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommandLine } from '../src/command-line.ts';

describe('fairlead-conformance simulate', () => {
  let directory: string;
  let stopping: AbortController;
  let text: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'simulate-'));
    stopping = new AbortController();
    text = '';
  });
  afterEach(() => rm(directory, { recursive: true }));

  /** Runs the command until it has said everything, does `meanwhile`, and stops it. */
  const simulate = async (
    args: readonly string[],
    meanwhile: () => Promise<void>,
  ): Promise<number> => {
    let announce: () => void = () => undefined;
    const announced = new Promise<void>((resolve) => (announce = resolve));
    const print = (part: string): void => {
      text += part;
      if (part.includes('changes/s')) announce();
    };
    const running = runCommandLine(['simulate', ...args], {
      output: { print, complain: print },
      signal: stopping.signal,
      version: '0.0.0',
    });
    await Promise.race([announced, running]);
    await meanwhile();
    stopping.abort();
    return running;
  };

  it('writes a kubeconfig with a context for each cluster, and serves them', async () => {
    const file = join(directory, 'kubeconfig');
    const args = ['--clusters', '2', '--objects', '40', '--kubeconfig-out', file];
    let servers: string[] = [];

    const code = await simulate(args, async () => {
      const kubeconfig = await readFile(file, 'utf8');
      servers = [...kubeconfig.matchAll(/server: (\S+)/g)].map(([, server]) => server ?? '');
      for (const server of servers) expect((await fetch(`${server}/readyz`)).status).toBe(200);
    });

    expect(code).toBe(0);
    expect(servers).toHaveLength(2);
    expect(text).toContain('2 clusters, 80 objects');
    expect(text).toContain(`kubectl --kubeconfig ${file} --context sim-1 get pods -A`);
    await expect(fetch(`${servers[0] ?? ''}/readyz`)).rejects.toThrow();
  });

  it('prints the kubeconfig when no file is named', async () => {
    await simulate(['--clusters', '1', '--layout', 'paths'], () => Promise.resolve());

    expect(text).toMatch(/^apiVersion: v1\nkind: Config\n/);
    expect(text).toMatch(/server: http:\/\/127\.0\.0\.1:\d+\/sim-1/);
  });

  it('puts faults in force on every cluster', async () => {
    const statuses: number[] = [];

    await simulate(['--clusters', '2', '--fault', 'forbidden=pods'], async () => {
      for (const [, server] of text.matchAll(/server: (\S+)/g)) {
        statuses.push((await fetch(`${server ?? ''}/api/v1/pods`)).status);
        statuses.push((await fetch(`${server ?? ''}/api/v1/services`)).status);
      }
    });

    expect(statuses).toEqual([403, 200, 403, 200]);
  });

  it('serves pods, TLS and the control API when asked to', async () => {
    const file = join(directory, 'kubeconfig');
    const args = ['--clusters', '1', '--objects', '0', '--pods', '250', '--control'];
    let stats: unknown;

    await simulate([...args, '--kubeconfig-out', file], async () => {
      const [, control = ''] = /control: (\S+)/.exec(text) ?? [];
      stats = await (await fetch(`${control}/stats`)).json();
    });
    await simulate([...args, '--tls'], () => Promise.resolve());

    expect(stats).toMatchObject({ clusters: [{ name: 'sim-1', objects: 254 }] });
    expect(text).toMatch(/server: https:\/\/127[^\n]*\n\s+certificate-authority-data: \S+/);
  });

  it('says which Kubernetes it is', async () => {
    let version: unknown;

    await simulate(['--clusters', '1', '--kubernetes-version', 'v1.20.15'], async () => {
      const [, server = ''] = /server: (\S+)/.exec(text) ?? [];
      version = await (await fetch(`${server}/version`)).json();
    });

    expect(version).toMatchObject({ gitVersion: 'v1.20.15', minor: '20' });
  });

  it('writes the kubeconfig anew when tokens rotate', async () => {
    const file = join(directory, 'kubeconfig');
    const args = ['--clusters', '1', '--fault', 'rotate-token=0.05', '--kubeconfig-out', file];
    const tokens = new Set<string>();
    const statuses: number[] = [];

    await simulate(args, async () => {
      while (tokens.size < 3) {
        const kubeconfig = await readFile(file, 'utf8');
        const [, server = ''] = /server: (\S+)/.exec(kubeconfig) ?? [];
        const [, token = ''] = /token: "([^"]+)"/.exec(kubeconfig) ?? [];
        if (tokens.size > 0 && !tokens.has(token)) {
          const headers = { authorization: `Bearer ${[...tokens][0] ?? ''}` };
          statuses.push((await fetch(`${server}/api`, { headers })).status);
        }
        tokens.add(token);
      }
    });

    for (const token of tokens) expect(token).toMatch(/^token-\d+$/);
    expect(statuses).toEqual([401, 401]);
  });

  it.each([
    ['--clusters', 'x'],
    ['--fault', 'nothing=1'],
    ['--fault', 'slow=5@later'],
    ['--layout', 'rings'],
    ['--unknown'],
  ])('exits 2 for %s %s', async (...args) => {
    expect(await simulate(args, () => Promise.resolve())).toBe(2);
  });
});
