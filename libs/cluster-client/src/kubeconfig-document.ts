/**
 * From a kubeconfig's text to the one context that an account uses: checked, with clear words for
 * what is wrong, and without the entries of others (whose faults are not this account's).
 */
import { hash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { parseDocument } from 'yaml';
import { ClusterClientError } from './cluster-client-error.ts';
import type { ExecPlugin } from './exec-credential.ts';

/** A kubeconfig reduced to one context. */
export interface KubeconfigEntry {
  /** Address of the API server, without a trailing slash. */
  readonly server: string;
  /** The `cluster` section, as it stands. */
  readonly cluster: KubeconfigSection;
  /** The `user` section without `exec` and `tokenFile`. */
  readonly user: KubeconfigSection;
  /** Absolute path of the user's `tokenFile`; '' if it has none. */
  readonly tokenFile: string;
  readonly exec: ExecPlugin | undefined;
}

/** A mapping of the YAML document. */
export type KubeconfigSection = Readonly<Record<string, unknown>>;

/** How to read a kubeconfig. */
export interface KubeconfigRequest {
  /** Name of the context; '' = the document's `current-context`. */
  readonly context: string;
  /** Folder that relative paths in the document start from. */
  readonly folder: string;
  /** Path, for messages. */
  readonly file: string;
}

/**
 * Kubeconfigs as they were parsed last. One file may hold the contexts of hundreds of accounts, each
 * of which reads it once a minute: it is parsed when it has changed, not each time.
 */
export class KubeconfigDocuments {
  readonly #parsed = new Map<
    string,
    { readonly digest: string; readonly document: KubeconfigSection }
  >();

  /** The document in `text`, which stands in `file`. Throws `config` when it is none. */
  parse(text: string, file: string): KubeconfigSection {
    const digest = hash('sha256', text);
    const known = this.#parsed.get(file);
    if (known?.digest === digest) return known.document;
    const document = parseYaml(text, file);
    this.#parsed.set(file, { digest, document });
    return document;
  }
}

/** Reads one context of a kubeconfig. Throws `config` with a message that says what to mend. */
export function readKubeconfigEntry(
  text: string,
  request: KubeconfigRequest,
  documents = new KubeconfigDocuments(),
): KubeconfigEntry {
  const document = documents.parse(text, request.file);
  const context = pickContext(document, request);
  const clusterName = stringIn(context, 'cluster');
  const cluster = named(document, 'clusters', clusterName)?.cluster;
  if (!isSection(cluster)) throw wrong(request, `cluster '${clusterName}' is not defined`);
  const userName = stringIn(context, 'user');
  const user = userName === '' ? {} : named(document, 'users', userName)?.user;
  if (!isSection(user)) throw wrong(request, `user '${userName}' is not defined`);
  const server = checkServer(stringIn(cluster, 'server'), clusterName, request);
  const { exec, tokenFile, ...rest } = user;
  return {
    server,
    cluster,
    user: rest,
    tokenFile: typeof tokenFile === 'string' ? absolute(request.folder, tokenFile) : '',
    exec: isSection(exec) ? readExec(exec, { server, cluster, request }) : undefined,
  };
}

function parseYaml(text: string, file: string): KubeconfigSection {
  const document = parseDocument(text, { prettyErrors: true, logLevel: 'silent' });
  const fault = document.errors[0];
  if (fault !== undefined) {
    // The parser's message quotes the line, which may be a token: only its place is told.
    const line = fault.linePos?.[0].line ?? 0;
    throw new ClusterClientError('config', `kubeconfig is not YAML (line ${line})`, { file });
  }
  const content: unknown = document.toJS();
  if (!isSection(content)) {
    throw new ClusterClientError('config', 'kubeconfig is empty or not a mapping', { file });
  }
  return content;
}

function pickContext(document: KubeconfigSection, request: KubeconfigRequest): KubeconfigSection {
  const name = request.context === '' ? stringIn(document, 'current-context') : request.context;
  if (name === '') throw wrong(request, "it has no 'current-context', and none was asked for");
  const context = named(document, 'contexts', name)?.context;
  if (isSection(context)) return context;
  const known = entries(document, 'contexts')
    .map((entry) => stringIn(entry, 'name'))
    .slice(0, 10);
  throw wrong(request, `context '${name}' is not defined; known: ${known.join(', ') || 'none'}`);
}

function checkServer(server: string, clusterName: string, request: KubeconfigRequest): string {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw wrong(request, `server of cluster '${clusterName}' is not an http(s) URL`);
  }
  return server.replace(/\/+$/, '');
}

function readExec(
  exec: KubeconfigSection,
  context: {
    readonly server: string;
    readonly cluster: KubeconfigSection;
    readonly request: KubeconfigRequest;
  },
): ExecPlugin {
  const command = stringIn(exec, 'command');
  if (command === '') throw wrong(context.request, "the user's exec plugin has no command");
  const variables = entries(exec, 'env').map((entry) => [
    stringIn(entry, 'name'),
    stringIn(entry, 'value'),
  ]);
  const args = Array.isArray(exec.args) ? exec.args : [];
  return {
    // As client-go: a command with a slash is a path from the kubeconfig's folder.
    command: command.includes('/') ? absolute(context.request.folder, command) : command,
    args: args.map(String),
    env: Object.fromEntries(variables) as Record<string, string>,
    apiVersion: stringIn(exec, 'apiVersion') || 'client.authentication.k8s.io/v1',
    installHint: stringIn(exec, 'installHint').trim(),
    cluster: exec.provideClusterInfo === true ? clusterInfo(context) : undefined,
  };
}

function clusterInfo(context: {
  readonly server: string;
  readonly cluster: KubeconfigSection;
}): KubeconfigSection {
  return {
    server: context.server,
    'certificate-authority-data': context.cluster['certificate-authority-data'],
    'tls-server-name': context.cluster['tls-server-name'],
    'insecure-skip-tls-verify': context.cluster['insecure-skip-tls-verify'],
  };
}

function named(
  document: KubeconfigSection,
  list: string,
  name: string,
): KubeconfigSection | undefined {
  return entries(document, list).find((entry) => entry.name === name);
}

function entries(section: KubeconfigSection, list: string): readonly KubeconfigSection[] {
  const value = section[list];
  return Array.isArray(value) ? value.filter(isSection) : [];
}

function isSection(value: unknown): value is KubeconfigSection {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function stringIn(section: KubeconfigSection, field: string): string {
  const value = section[field];
  return typeof value === 'string' ? value : '';
}

function absolute(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

function wrong(request: KubeconfigRequest, what: string): ClusterClientError {
  return new ClusterClientError('config', `kubeconfig is wrong: ${what}`, { file: request.file });
}
