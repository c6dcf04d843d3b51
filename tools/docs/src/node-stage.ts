/**
 * Runs pages' commands on a machine of their own: a network and a file tree that nothing else uses,
 * so that ports and files are as the pages name them and nothing stays behind. Linux with root only
 * (`unshare`, `mount` and `ip` make that machine). Start at `runPages`, which runs `runStage` there.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { findExecutable, findHelm, findOwnKubectl, startKube } from '@fairlead/testbed';
import type { MarkdownPage, Stage } from './markdown-page.ts';
import { startInstallation, withoutAuthority } from './node-installation.ts';
import { readPageTree } from './node-page-tree.ts';
import { shellScript } from './shell-script.ts';

/** Pages to run, by path from `root`. */
export interface PageRun {
  /** Root of the working copy. */
  readonly root: string;
  readonly paths: readonly string[];
}

/** What turns this machine into another one. */
const tools = ['unshare', 'mount', 'ip', 'bash'] as const;

/** Whether this machine lets its user have another one inside it. */
export function canRunPages(): boolean {
  const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
  return isRoot && tools.every((tool) => findExecutable(tool, process.env) !== undefined);
}

/** Runs the pages, those with the same stage one after the other on one machine; 0 when all is well. */
export async function runPages({ root, paths }: PageRun): Promise<number> {
  const { pages } = readPageTree(root);
  const byStage = Map.groupBy(paths, (path) => pageAt(pages, path).stage);
  for (const [stage, group] of byStage) {
    const namespaces = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const again = [...process.execArgv, process.argv[1] ?? '', 'stage', stage, ...group];
    const code = await run('unshare', [...namespaces, '--', process.execPath, ...again], {
      cwd: root,
    });
    if (code !== 0) return code;
  }
  return 0;
}

/** Is the other machine: raises what the stage promises, then runs each page on a copy of the tree. */
export async function runStage(stage: Stage, { root, paths }: PageRun): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-docs-'));
  await must('mount', ['-t', 'tmpfs', 'tmpfs', folder]);
  await must('ip', ['link', 'set', 'lo', 'up']);
  await nameHosts(folder);
  await using kube = await startKube();
  const machine = await machineEnvironment(folder, root, kube.kubeconfigPath);
  await using installation =
    stage === 'installation' ? await startInstallation({ folder, root, kube }) : undefined;
  const env = { ...machine, ...installation?.env };
  const { pages } = readPageTree(root);
  for (const path of paths) {
    const script = shellScript(path, pageAt(pages, path).shellBlocks);
    if (script === undefined) continue;
    const files = installation?.files ?? {};
    const code = await runOnCopy(script, { folder, root, env, files });
    if (code !== 0) return code;
  }
  return 0;
}

function pageAt(pages: ReadonlyMap<string, MarkdownPage>, path: string): MarkdownPage {
  const page = pages.get(path);
  if (page === undefined) throw new Error(`${path} is not a page of this repository`);
  return page;
}

/** Names that the pages use for a bridge. */
async function nameHosts(folder: string): Promise<void> {
  const hosts = join(folder, 'hosts');
  writeFileSync(hosts, '127.0.0.1 localhost bridge bridge.example spin-clouddriver-grpc\n');
  await must('mount', ['--bind', hosts, '/etc/hosts']);
}

/** As a reader has it who has installed and built, with kubectl and Helm at hand. */
async function machineEnvironment(folder: string, root: string, kubeconfigPath: string) {
  const kubeconfig = join(folder, 'kubeconfig');
  const home = join(folder, 'home');
  mkdirSync(home);
  writeFileSync(kubeconfig, withoutAuthority(readFileSync(kubeconfigPath, 'utf8')));
  const programs = [join(root, 'node_modules', '.bin'), await findOwnKubectl(), await findHelm()];
  const [own = '', ...others] = programs;
  const { NODE_OPTIONS: _, NODE_ENV: __, ...inherited } = process.env;
  return {
    ...inherited,
    PATH: [own, ...others.map((program) => dirname(program)), process.env.PATH].join(delimiter),
    HOME: home,
    // The testbed's programs are there already.
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? '/root', '.cache'),
    KUBECONFIG: kubeconfig,
    SSL_CERT_FILE: writeAuthority(folder, kubeconfigPath),
    NX_DAEMON: 'false',
  };
}

/** kubectl and curl trust the cluster's authority as they would a public one. */
function writeAuthority(folder: string, kubeconfigPath: string): string {
  const file = join(folder, 'authorities.pem');
  const text = readFileSync(kubeconfigPath, 'utf8');
  const data = /certificate-authority-data: "?([^"\s]+)/.exec(text)?.[1] ?? '';
  writeFileSync(file, Buffer.from(data, 'base64'));
  return file;
}

interface CopyOptions {
  readonly folder: string;
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** What is in the tree besides, by name. */
  readonly files: Readonly<Record<string, string>>;
}

/** What the script writes goes into layers that end with it. */
async function runOnCopy(script: string, options: CopyOptions): Promise<number> {
  const { folder, root, env, files } = options;
  const layers = mkdtempSync(join(folder, 'page-'));
  const [upper, work] = [join(layers, 'upper'), join(layers, 'work')];
  const file = join(layers, 'script.sh');
  mkdirSync(upper);
  mkdirSync(work);
  writeFileSync(file, script);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(upper, name), text);
  const layered = `lowerdir=${root},upperdir=${upper},workdir=${work}`;
  const mount = `mount -t overlay overlay -o '${layered}' '${root}' && cd '${root}'`;
  const installed = `printf %s '${lockDigest(root)}' > node_modules/.fairlead-installed`;
  const commands = `${mount} && ${installed} && exec bash '${file}'`;
  return run('unshare', ['--mount', '--', 'bash', '-c', commands], { cwd: root, env });
}

/** What `npm start` finds when packages are installed: see `tools/workspace/bootstrap.mjs`. */
function lockDigest(root: string): string {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

async function must(command: string, args: readonly string[]): Promise<void> {
  const code = await run(command, args);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed with ${code}`);
}

/** Runs a program to its end with this process's output; resolves with its exit code. */
async function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<number> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
