#!/usr/bin/env node
// Makes a fresh clone runnable with nothing but Node.js >= 20 and npm, then hands over to the
// command of the same name in `src/`, on the Node that the workspace brings itself.
// Plain JavaScript, since nothing is installed yet when it starts.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const modules = join(root, 'node_modules');
const marker = join(modules, '.fairlead-installed');
const workspaceNode = join(modules, 'node', 'bin', 'node');

const [command = 'help', ...args] = process.argv.slice(2);
installIfNeeded();
const source =
  command === 'testbed' ? 'tools/testbed/src/main.ts' : `tools/workspace/src/${command}.ts`;
run(workspaceNode, [
  '--conditions=@fairlead/source',
  '--disable-warning=ExperimentalWarning',
  join(root, source),
  ...args,
]);

/** Installs when the lock file is not the one that was installed last. */
function installIfNeeded() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const installed = existsSync(marker) ? readFileSync(marker, 'utf8') : '';
  if (installed === wanted && existsSync(workspaceNode)) return;
  const verb = existsSync(modules) ? 'install' : 'ci';
  console.log(`Installing the workspace's packages (npm ${verb}) ...`);
  run('npm', [verb, '--no-audit', '--no-fund', '--loglevel=error'], { exitOnSuccess: false });
  writeFileSync(marker, wanted);
}

function run(program, programArgs, { exitOnSuccess = true } = {}) {
  const env = { ...process.env, PATH: `${join(modules, '.bin')}${delimiter}${process.env.PATH}` };
  const ignored = () => undefined; // Ctrl-C is the child's to handle: it stops in order
  process.on('SIGINT', ignored).on('SIGTERM', ignored);
  const { status, signal, error } = spawnSync(program, programArgs, {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  if (error) {
    console.error(`${program} could not be started: ${error.message}`);
    process.exit(1);
  }
  if (status !== 0 || exitOnSuccess) process.exit(status ?? (signal ? 1 : 0));
}
