/** The program itself, as a process: its command line, its exit codes, its end. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FakeAgent } from './fake-agent.ts';

/** A process takes a second to start, and on a busy machine ten. */
jest.setTimeout(60_000);

const main = join(__dirname, '../src/main.ts');
let directory: string;
const running: ChildProcessWithoutNullStreams[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairlead-bridge-'));
});

afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  await rm(directory, { recursive: true, force: true });
});

interface Program {
  readonly child: ChildProcessWithoutNullStreams;
  /** Lines of the log, parsed. */
  readonly lines: readonly Record<string, unknown>[];
  /** Resolves with the first line of the log that says this. */
  said(message: string): Promise<Record<string, unknown>>;
  readonly ended: Promise<{ readonly code: number | null; readonly text: string }>;
}

function run(args: readonly string[], env: Record<string, string> = {}): Program {
  const child = spawn(
    process.execPath,
    ['--conditions=@fairlead/source', '--disable-warning=ExperimentalWarning', main, ...args],
    { cwd: directory, env: { PATH: process.env.PATH ?? '', ...env } },
  );
  running.push(child);
  let text = '';
  let rest = '';
  const lines: Record<string, unknown>[] = [];
  const waiting: (() => void)[] = [];
  const take = (chunk: Buffer) => {
    text += chunk.toString();
    rest += chunk.toString();
    const whole = rest.split('\n');
    rest = whole.pop() ?? '';
    for (const line of whole)
      if (line.startsWith('{')) lines.push(JSON.parse(line) as Record<string, unknown>);
    for (const wake of waiting.splice(0)) wake();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  return {
    child,
    lines,
    said: async (message) => {
      for (;;) {
        const line = lines.find((each) => each.msg === message);
        if (line !== undefined) return line;
        if (child.exitCode !== null) throw new Error(`ended without saying so: ${text}`);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    ended: new Promise((resolve) => {
      child.on('close', (code) => {
        resolve({ code, text });
        for (const wake of waiting.splice(0)) wake();
      });
    }),
  };
}

const freePorts = { FAIRLEAD_GRPC_PORT: '0', FAIRLEAD_HTTP_PORT: '0' };

async function configFile(text: string): Promise<string> {
  const file = join(directory, 'bridge.yaml');
  await writeFile(file, text);
  return file;
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('fairlead-bridge', () => {
  it('prints its version', async () => {
    expect(await run(['--version']).ended).toEqual({ code: 0, text: '0.1.0\n' });
  });

  it('checks a good configuration', async () => {
    const file = await configFile('sql: { pool: { max: 5 } }\nclouddriver: { lockAgents: true }');

    const { code, text } = await run(['--check', '--config', file]).ended;

    expect(code).toBe(0);
    expect(text).toContain('configuration is valid: 0 errors, 0 warnings');
  });

  it('names every problem of a bad configuration with its place, and does not start', async () => {
    const file = await configFile('grpc: { host: 0.0.0.0 }\nsql: { pol: { max: 5 } }');

    const { code, text } = await run(['--config', file]).ended;

    expect(code).toBe(2);
    expect(text).toMatch(/bridge\.yaml:2.*did you mean "pool"/);
    expect(text).toContain('auth.agents');
  });

  it('fails with 1 when its port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address() as { port: number };

    const { code } = await run([], { ...freePorts, FAIRLEAD_HTTP_PORT: String(address.port) })
      .ended;

    expect(code).toBe(1);
    await new Promise((resolve) => server.close(resolve));
  });

  it('warns once that nobody is asked who he is, and stops in order on SIGTERM', async () => {
    const program = run([], freePorts);
    const { port } = await program.said('agents may connect');
    const agent = await new FakeAgent({ port: Number(port) }).welcome();
    await agent.accepted('prod');

    program.child.kill('SIGTERM');
    const { afterMs } = await agent.hear('reconnect');
    const { code } = await program.ended;

    expect(code).toBe(0);
    expect(afterMs).toBeGreaterThan(0);
    const warnings = program.lines.filter(({ level }) => level === 'warn');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.msg).toContain('NO AUTHENTICATION');
    agent.crash();
  });

  it('fails with 1, and says why, when a newer release has changed the database', async () => {
    const first = run([], freePorts);
    await first.said('agents may connect');
    first.child.kill('SIGTERM');
    await first.ended;
    const database = new DatabaseSync(join(directory, 'fairlead-data', 'fairlead.sqlite'));
    database.exec(`INSERT INTO fairlead_migrations (name, batch) VALUES ('999-later', 9)`);
    database.close();

    const { code, text } = await run([], freePorts).ended;

    expect(code).toBe(1);
    expect(text).toContain('a newer release has applied 999-later');
  });

  it('waits for a database that is away, says so, and can be stopped meanwhile', async () => {
    const url = `postgres://fairlead:hidden@127.0.0.1:${await closedPort()}/fairlead`;
    const program = run([], { ...freePorts, FAIRLEAD_SQL_URL: url });
    const { port } = await program.said('HTTP is served');
    await program.said('waiting for the database');

    const ready = await fetch(`http://127.0.0.1:${String(port)}/readyz`);
    const live = await fetch(`http://127.0.0.1:${String(port)}/healthz`);
    const accounts = await fetch(`http://127.0.0.1:${String(port)}/api/v1/accounts`);
    program.child.kill('SIGTERM');
    const { code, text } = await program.ended;

    expect(ready.status).toBe(503);
    expect(await ready.text()).toMatch(/"name":"database".*"healthy":false,"reason":"[^"]/);
    expect(live.status).toBe(200);
    expect(accounts.status).toBe(503);
    expect(accounts.headers.get('content-type')).toContain('application/problem+json');
    expect(code).toBe(0);
    expect(text).not.toContain('hidden');
  });
});
