// `npm start` as a person runs it: simulated clusters, a live status line, Ctrl-C.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const bootstrap = fileURLToPath(new URL('../bootstrap.mjs', import.meta.url));

/** Resolves with everything printed once `pattern` stands in it; rejects when the program ends. */
function untilPrinted(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const look = (chunk: Buffer): void => {
      text += chunk.toString();
      if (pattern.test(text)) resolve(text);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('exit', () => reject(new Error(`ended before ${String(pattern)}:\n${text}`)));
  });
}

describe('npm start', () => {
  it('reaches a live status with every account in sync, and stops in order on Ctrl-C', async () => {
    const child = spawn(process.execPath, [bootstrap, 'start', '--objects', '60'], { cwd: root });
    const exited = once(child, 'exit');

    const text = await untilPrinted(child, /accounts 3\/3 synced +objects [1-9]/);
    child.kill('SIGINT');
    const [code] = (await exited) as [number | null];

    expect(text).toMatch(/Bridge API +http:\/\/127\.0\.0\.1:\d+/);
    expect(text).toMatch(/kubectl --server http:\S+\/clusters\/sim-1 get pods -A/);
    expect(code).toBe(0);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0] ?? '';
    await expect(fetch(url)).rejects.toThrow();
  }, 180_000);
});
