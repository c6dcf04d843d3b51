/** Nothing may be left behind by a test process that was killed, or by a reaper that was. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isUnavailable, type ServerName } from '../src/index.ts';
import { isProcessAlive, listProcessTree } from '../src/process-tree.ts';
import { startReaper } from '../src/reaper-client.ts';
import { waitUntil } from '../src/wait-until.ts';
import type { HeldServer } from './hold-server.ts';

const buildTimeoutMs = 30 * 60_000;
const servers: readonly ServerName[] = ['postgres', 'mariadb', 'kube'];

async function holdServer(server: ServerName, directory: string) {
  const holder = spawn(process.execPath, [join(__dirname, 'hold-server.ts'), server], {
    env: { ...process.env, TMPDIR: directory },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(holder.stdout, 'data')) as [Buffer];
  return { holder, held: JSON.parse(line.toString()) as HeldServer };
}

async function killAndWait(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

describe.each(servers)('%s', (server) => {
  (isUnavailable(server) ? describe.skip : describe)('whose test process gets SIGKILL', () => {
    it(
      'is gone with its children and its data',
      async () => {
        // A server's user must be able to walk through, which mkdtemp's own mode forbids.
        const directory = mkdtempSync(join(tmpdir(), 'abandoned-'));
        const open = spawn('chmod', ['755', directory]);
        await once(open, 'exit');
        const { holder, held } = await holdServer(server, directory);
        const everything = held.pids.flatMap((pid) => listProcessTree(pid));
        const reaped = listProcessTree(holder.pid!);

        await killAndWait(holder);

        const isGone = () =>
          ![...everything, ...reaped].some(isProcessAlive) && readdirSync(directory).length === 0;
        await expect(waitUntil(isGone, { timeoutMs: 10_000 })).resolves.toBe(true);
        expect(held.pids.every((pid) => reaped.includes(pid))).toBe(true);
        rmSync(directory, { recursive: true });
      },
      buildTimeoutMs,
    );
  });
});

describe(startReaper, () => {
  it('leaves the work to its client when it gets SIGKILL itself', async () => {
    const reaper = await startReaper();
    const program = await reaper.spawn({
      command: process.execPath,
      args: ['-e', 'setInterval(() => undefined, 60000)'],
      env: {},
      logPath: join(reaper.directory, 'log'),
      endSignal: 'SIGKILL',
    });

    process.kill(reaper.pid!, 'SIGKILL');

    await expect(program.exited).resolves.toBe('its reaper ended');
    const isGone = () => !isProcessAlive(program.pid!) && !existsSync(reaper.directory);
    await expect(waitUntil(isGone, { timeoutMs: 10_000 })).resolves.toBe(true);
  });

  it('tells why a program could not be started', async () => {
    await using reaper = await startReaper();

    const program = await reaper.spawn({
      command: '/no/such/program',
      args: [],
      env: {},
      logPath: join(reaper.directory, 'log'),
      endSignal: 'SIGKILL',
    });

    expect(program.pid).toBeUndefined();
    await expect(program.exited).resolves.toContain('ENOENT');
  });
});
