import { existsSync } from 'node:fs';
import { startProgram } from '../src/program-server.ts';

const echoServer = `
  const { createServer } = require('node:http');
  const { readFileSync } = require('node:fs');
  createServer((_, response) => response.end(readFileSync('greeting.txt'))).listen(Number(process.argv[2]), '127.0.0.1');
`;

describe(startProgram, () => {
  it('runs a program on files of its own, again after a kill, and leaves nothing', async () => {
    const { freePort } = await import('../src/free-port.ts');
    const port = await freePort();
    const ask = async () => (await fetch(`http://127.0.0.1:${String(port)}`)).text();

    const program = await startProgram({
      name: 'echo',
      command: process.execPath,
      args: ['server.cjs', String(port)],
      files: { 'server.cjs': echoServer, 'greeting.txt': 'hello' },
      isReady: async () => (await ask()) !== '',
    });
    const first = await ask();
    await program.kill('SIGKILL');
    await expect(ask()).rejects.toThrow();
    await program.start();
    const second = await ask();
    await program.stop();

    expect([first, second]).toEqual(['hello', 'hello']);
    expect(existsSync(program.directory)).toBe(false);
  }, 60_000);

  it('tells how a program ended that never became ready', async () => {
    const starting = startProgram({
      name: 'broken',
      command: process.execPath,
      args: ['-e', 'console.error("out of cheese"); process.exit(3)'],
      isReady: () => Promise.resolve(false),
    });

    await expect(starting).rejects.toMatchObject({
      code: 'startFailed',
      detail: expect.stringContaining('out of cheese'),
    });
  }, 60_000);
});
