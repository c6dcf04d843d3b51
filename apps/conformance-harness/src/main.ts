#!/usr/bin/env node
// The program: hands the process to the command line and leaves with its exit code.
import { readFile } from 'node:fs/promises';
import { runCommandLine } from './command-line.ts';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stopping.abort());
}
const description = new URL('../package.json', import.meta.url);
const { version } = JSON.parse(await readFile(description, 'utf8')) as { version: string };

process.exitCode = await runCommandLine(process.argv.slice(2), {
  output: {
    print: (text) => process.stdout.write(text),
    complain: (text) => process.stderr.write(text),
  },
  signal: stopping.signal,
  version,
});
