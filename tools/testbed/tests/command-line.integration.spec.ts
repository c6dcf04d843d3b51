/** The testbed as people use it: up, status, down. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findKubeBinaries, isUnavailable } from '../src/index.ts';
import { dirname } from 'node:path';

const buildTimeoutMs = 30 * 60_000;

(isUnavailable('kube') ? describe.skip : describe)('testbed', () => {
  let cache: string;
  beforeAll(async () => {
    // A cache of its own: a person's standing server must not be touched by a test.
    cache = await mkdtemp(join(tmpdir(), 'testbed-cache-'));
    const { etcd } = await findKubeBinaries();
    await cp(dirname(dirname(etcd)), join(cache, 'kube'), { recursive: true });
  }, buildTimeoutMs);
  afterAll(() => rm(cache, { recursive: true }));

  const run = async (...args: string[]) => {
    const main = join(__dirname, '../src/main.ts');
    const env = { ...process.env, FAIRLEAD_CACHE_DIR: cache };
    return (await promisify(execFile)(process.execPath, [main, ...args], { env })).stdout;
  };

  it('raises an API server that outlives the command, once, and removes it', async () => {
    const first = await run('up', '--', '--etcd-compaction-interval=0');
    const second = await run('up');
    const status = await run('status');
    const kubeconfig = /^kubeconfig: (.*)$/m.exec(first)?.[1] ?? '';
    const wasThere = existsSync(kubeconfig);
    const down = await run('down');

    expect(second).toContain(`already up\nkubeconfig: ${kubeconfig}`);
    expect(status).toContain('readyz: ok');
    expect(wasThere).toBe(true);
    expect(down).toBe('stopped and removed\n');
    expect(existsSync(kubeconfig)).toBe(false);
    await expect(run('status')).resolves.toBe('not up\n');
  }, 120_000);

  it('says why an API server did not come up', async () => {
    await expect(run('up', '--', '--no-such-flag')).rejects.toMatchObject({
      stderr: expect.stringContaining('unknown flag: --no-such-flag') as string,
    });
  }, 120_000);
});
