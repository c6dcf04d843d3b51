#!/usr/bin/env node
// Makes a fresh clone runnable with nothing but Node.js >= 20 and npm, then hands over to the
// command of the same name in `src/`, on the Node that the workspace brings itself.
// Plain JavaScript, since nothing is installed yet when it starts.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const modules = join(root, 'node_modules');
const marker = join(modules, '.fairlead-installed');
const workspaceNode = join(modules, 'node', 'bin', 'node');

const [command = 'help', ...args] = process.argv.slice(2);
await installIfNeeded();
const source =
  command === 'testbed' ? 'tools/testbed/src/main.ts' : `tools/workspace/src/${command}.ts`;
const flags = ['--conditions=@fairlead/source', '--disable-warning=ExperimentalWarning'];
process.exitCode = await run(workspaceNode, [...flags, join(root, source), ...args]);

/** Installs when the lock file is not the one that was installed last. */
async function installIfNeeded() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const installed = existsSync(marker) ? readFileSync(marker, 'utf8') : '';
  if (installed === wanted && existsSync(workspaceNode)) return;
  const verb = existsSync(modules) ? 'install' : 'ci';
  console.log(`Installing the workspace's packages (npm ${verb}) ...`);
  const code = await run('npm', [verb, '--no-audit', '--no-fund', '--loglevel=error']);
  if (code !== 0) process.exit(code);
  writeFileSync(marker, wanted);
}

/** Runs a program to its end; resolves with its exit code. */
async function run(program, programArgs) {
  const env = { ...process.env, PATH: `${join(modules, '.bin')}${delimiter}${process.env.PATH}` };
  const child = spawn(program, programArgs, { cwd: root, env, stdio: 'inherit' });
  // The child stops in order, whether the terminal tells it or somebody tells us.
  const passOn = (signal) => child.kill(signal);
  process.on('SIGINT', passOn).on('SIGTERM', passOn);
  try {
    const [code] = await once(child, 'exit');
    return code ?? 1;
  } catch (error) {
    console.error(`${program} could not be started: ${error.message}`);
    return 1;
  } finally {
    process.off('SIGINT', passOn).off('SIGTERM', passOn);
  }
}
