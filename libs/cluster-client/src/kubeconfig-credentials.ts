/**
 * Credentials from a kubeconfig file. The file is read anew each time, so that a rotated
 * certificate, token or whole file is taken over while the process runs.
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ClusterClientError, systemCodeOf } from './cluster-client-error.ts';
import type { Credentials, CredentialSource } from './credentials.ts';
import { ExecCredentials } from './exec-credential.ts';
import {
  KubeconfigDocuments,
  readKubeconfigEntry,
  type KubeconfigEntry,
} from './kubeconfig-document.ts';
import { libraryCredentials } from './library-credentials.ts';
import { isPlain, plainCredentials } from './plain-credentials.ts';

/** Which kubeconfig, and which of its contexts. */
export interface KubeconfigOptions {
  /** Path of the file; with `read`, what to call it in messages. */
  readonly kubeconfigFile: string;
  /**
   * Gives the kubeconfig's text from wherever it is, `fresh` when what is in memory may not do any
   * more. Relative paths in it start from the root then. @defaultValue reads the file
   */
  readonly read?: (mode: 'cached' | 'fresh') => Promise<string>;
  /** @defaultValue the file's `current-context` */
  readonly context?: string;
  /** Do not check the server's certificate; allow plain HTTP to any address. @defaultValue false */
  readonly insecure?: boolean;
  /**
   * Shared by the clients of one process, so that a file of many contexts is parsed once for all.
   * @defaultValue one of its own
   */
  readonly documents?: KubeconfigDocuments;
}

/** Makes the source; reads the file once for the server's address. */
export async function kubeconfigCredentials(
  options: KubeconfigOptions,
  nowMs: () => number,
): Promise<CredentialSource> {
  const documents = options.documents ?? new KubeconfigDocuments();
  const entry = await readEntry(options, documents, 'cached');
  const plugins = new ExecCredentials(nowMs);
  return {
    server: entry.server,
    load: async (mode) =>
      loadEntry(await readEntry(options, documents, mode), { options, plugins, mode }),
  };
}

async function readEntry(
  options: KubeconfigOptions,
  documents: KubeconfigDocuments,
  mode: 'cached' | 'fresh',
): Promise<KubeconfigEntry> {
  const file = nameOf(options);
  const text = await (options.read === undefined ? readText(file) : options.read(mode));
  const request = { context: options.context ?? '', folder: folderOf(options), file };
  const entry = readKubeconfigEntry(text, request, documents);
  checkPlainHttp(entry.server, options);
  return entry;
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    const systemCode = systemCodeOf(error);
    const what = systemCode === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new ClusterClientError('config', `kubeconfig ${what}: ${file}`, { systemCode, file });
  });
}

function nameOf({ kubeconfigFile, read }: KubeconfigOptions): string {
  return read === undefined ? resolve(kubeconfigFile) : kubeconfigFile;
}

/** Where relative paths in the kubeconfig start from. */
function folderOf({ kubeconfigFile, read }: KubeconfigOptions): string {
  return read === undefined ? dirname(resolve(kubeconfigFile)) : '/';
}

/** Tokens do not go over the network in the clear unless somebody said so. */
function checkPlainHttp(server: string, options: KubeconfigOptions): void {
  const url = new URL(server);
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'https:' || isLoopback || options.insecure === true) return;
  throw new ClusterClientError(
    'config',
    'the server is plain HTTP and not on this machine; set insecure to allow that',
    { file: options.kubeconfigFile },
  );
}

interface LoadContext {
  readonly options: KubeconfigOptions;
  readonly plugins: ExecCredentials;
  readonly mode: 'cached' | 'fresh';
}

async function loadEntry(entry: KubeconfigEntry, context: LoadContext): Promise<Credentials> {
  const folder = folderOf(context.options);
  const written = await (isPlain(entry) ? plainCredentials : libraryCredentials)(entry, folder);
  const plugin = entry.exec && (await context.plugins.get(entry.exec, context.mode));
  const fileToken = entry.tokenFile === '' ? '' : await readTokenFile(entry.tokenFile);
  const token = fileToken === '' ? (plugin?.token ?? '') : fileToken;
  const insecure = context.options.insecure === true ? { rejectUnauthorized: false } : {};
  const certificate =
    plugin === undefined || plugin.certificate === ''
      ? {}
      : { cert: plugin.certificate, key: plugin.key };
  return {
    headers: {
      ...written.headers,
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    },
    tls: { ...written.tls, ...certificate, ...insecure },
    proxyAgent: written.proxyAgent,
  };
}

/** Reads a token file. Throws `credentials`. */
export async function readTokenFile(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const systemCode = systemCodeOf(error);
    throw new ClusterClientError('credentials', `token file cannot be read: ${file}`, {
      systemCode,
      file,
    });
  });
  const token = text.trim();
  if (token !== '') return token;
  throw new ClusterClientError('credentials', `token file is empty: ${file}`, { file });
}
