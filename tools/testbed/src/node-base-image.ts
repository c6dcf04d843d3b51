/**
 * A stand-in for the image `node:VERSION-bookworm-slim`, where no registry can be asked: Debian's
 * essential packages and apt by mmdebstrap, this process's own Node.js, and npm, each where that
 * image has it.
 */
import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageStorage } from './image-storage.ts';
import type { ImageTools } from './image-tools.ts';
import { runCommand } from './run-command.ts';
import type { StartOptions } from './start-options.ts';

const suite = 'bookworm';
/** What Node 24 comes with. */
const npmVersion = '11.19.1';
const hint = "Debian's mirror and npm's registry must be reachable, and mounts be allowed.";

/** Its name, by this process's version of Node.js. */
export function nodeBaseImage(): string {
  return `localhost/node:${process.versions.node}-${suite}-slim`;
}

/**
 * Makes it, unless it is there.
 *
 * @throws TestbedError `unavailable`
 */
export async function ensureNodeBaseImage(
  storage: ImageStorage,
  tools: ImageTools,
  options: StartOptions,
): Promise<void> {
  if (await storage.has(nodeBaseImage())) return;
  options.onProgress?.('making the image to build on, of Debian and Node.js');
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-base-'));
  try {
    const root = join(directory, 'root');
    await makeDebian(tools, root, options);
    await addNode(root);
    await addNpm(root, directory, options);
    const authorities = await addAuthorities(root, options);
    await importImage(storage, root, authorities);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function makeDebian(tools: ImageTools, root: string, options: StartOptions): Promise<void> {
  await runCommand(tools.mmdebstrap, ['--quiet', '--variant=apt', suite, root], {
    signal: options.signal,
    failureCode: 'unavailable',
    hint,
  });
}

async function addNode(root: string): Promise<void> {
  await mkdir(join(root, 'usr/local/bin'), { recursive: true });
  await copyFile(process.execPath, join(root, 'usr/local/bin/node'));
}

async function addNpm(root: string, directory: string, options: StartOptions): Promise<void> {
  const { signal } = options;
  const how = { cwd: directory, signal, failureCode: 'unavailable', hint } as const;
  await runCommand('npm', ['pack', '--silent', `npm@${npmVersion}`], how);
  const home = join(root, 'usr/local/lib/node_modules/npm');
  await mkdir(home, { recursive: true });
  const archive = join(directory, `npm-${npmVersion}.tgz`);
  await runCommand('tar', ['-xzf', archive, '--strip-components=1', '-C', home], how);
  for (const name of ['npm', 'npx']) {
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(root, 'usr/local/bin', name));
  }
}

/** Whom this machine trusts beyond what Node.js does: its proxy may be between npm and its registry. */
async function addAuthorities(root: string, options: StartOptions): Promise<readonly string[]> {
  const file = (options.environment ?? process.env).NODE_EXTRA_CA_CERTS;
  if (!file) return [];
  const path = '/usr/local/share/authorities.pem';
  await copyFile(file, join(root, path));
  return [`NODE_EXTRA_CA_CERTS=${path}`];
}

async function importImage(
  storage: ImageStorage,
  root: string,
  environment: readonly string[],
): Promise<void> {
  const container = (await storage.run(['from', 'scratch'], 'unavailable')).trim();
  try {
    await storage.run(['add', '--quiet', container, root, '/'], 'unavailable');
    for (const line of ['PATH=/usr/local/bin:/usr/bin:/usr/sbin', ...environment]) {
      await storage.run(['config', '--env', line, container]);
    }
    await storage.run(['commit', '--quiet', container, nodeBaseImage()], 'unavailable');
  } finally {
    await storage.run(['rm', container]);
  }
}
