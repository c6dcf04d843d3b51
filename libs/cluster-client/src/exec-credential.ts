/**
 * Exec credential plugins (`aws eks get-token`, `gke-gcloud-auth-plugin`, ...): runs the command,
 * reads its ExecCredential, and keeps it until it expires. Unlike the library's own way it has a
 * time limit, runs once for any number of requests, and hands the plugin KUBERNETES_EXEC_INFO.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
import { spawn } from 'node:child_process';
import { ClusterClientError, systemCodeOf } from './cluster-client-error.ts';

/** The `exec` section of a kubeconfig user. */
export interface ExecPlugin {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** `client.authentication.k8s.io/v1` or `/v1beta1`. */
  readonly apiVersion: string;
  /** Said when the command is not installed. */
  readonly installHint: string;
  /** `spec.cluster` of KUBERNETES_EXEC_INFO, when the plugin asks for it. */
  readonly cluster: Readonly<Record<string, unknown>> | undefined;
}

/** What a plugin gave. */
export interface ExecCredential {
  /** Bearer token; '' if it gave a certificate only. */
  readonly token: string;
  /** PEM; '' if it gave a token only. */
  readonly certificate: string;
  readonly key: string;
  /** When it ends; Infinity if the plugin does not say. Unix milliseconds. */
  readonly expiresAtMs: number;
}

/** A plugin may ask somebody over the network, so give it as long as a request. */
const EXEC_TIMEOUT_MS = 30_000;
/** An ExecCredential with a certificate is a few KB. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** Runs plugins and remembers what they gave. */
export class ExecCredentials {
  readonly #nowMs: () => number;
  readonly #timeoutMs: number;
  #kept: { readonly key: string; readonly credential: ExecCredential } | undefined;

  constructor(nowMs: () => number, timeoutMs = EXEC_TIMEOUT_MS) {
    this.#nowMs = nowMs;
    this.#timeoutMs = timeoutMs;
  }

  /** The plugin's credential; `fresh` runs it even if the last one has not expired. */
  async get(plugin: ExecPlugin, mode: 'cached' | 'fresh'): Promise<ExecCredential> {
    const key = JSON.stringify(plugin);
    const kept = this.#kept;
    const usable = kept?.key === key && kept.credential.expiresAtMs > this.#nowMs();
    if (mode === 'cached' && usable) return kept.credential;
    const credential = parseExecCredential(plugin, await run(plugin, this.#timeoutMs));
    this.#kept = { key, credential };
    return credential;
  }
}

/** Runs the command; resolves with what it printed. Its stderr is not repeated: it may be secret. */
function run(plugin: ExecPlugin, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    // The plugin inherits the environment as it would from kubectl; the library reads nothing of it.
    const env = { ...process.env, ...plugin.env, KUBERNETES_EXEC_INFO: execInfo(plugin) };
    const child = spawn(plugin.command, plugin.args, {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_OUTPUT_BYTES) child.kill('SIGKILL');
      else chunks.push(chunk);
    });
    child.on('error', (error) => reject(notStarted(plugin, error)));
    child.on('close', (exitCode, signal) => {
      if (exitCode === 0) resolve(Buffer.concat(chunks).toString('utf8'));
      else reject(notEnded(plugin, exitCode, { signal, bytes }));
    });
  });
}

function execInfo(plugin: ExecPlugin): string {
  return JSON.stringify({
    kind: 'ExecCredential',
    apiVersion: plugin.apiVersion,
    spec: { interactive: false, ...(plugin.cluster ? { cluster: plugin.cluster } : {}) },
  });
}

function notStarted(plugin: ExecPlugin, error: unknown): ClusterClientError {
  const systemCode = systemCodeOf(error);
  const hint = plugin.installHint === '' ? '' : `: ${plugin.installHint}`;
  const what = systemCode === 'ENOENT' ? `is not installed${hint}` : 'cannot be started';
  return new ClusterClientError('credentials', `exec plugin '${plugin.command}' ${what}`, {
    systemCode,
  });
}

function notEnded(
  plugin: ExecPlugin,
  exitCode: number | null,
  end: { readonly signal: string | null; readonly bytes: number },
): ClusterClientError {
  const name = `exec plugin '${plugin.command}'`;
  if (end.bytes > MAX_OUTPUT_BYTES) {
    return new ClusterClientError('credentials', `${name} printed more than 1 MiB`);
  }
  if (end.signal === 'SIGKILL') {
    return new ClusterClientError('timeout', `${name} did not end in time`);
  }
  const how = exitCode === null ? `was killed by ${String(end.signal)}` : `exited ${exitCode}`;
  return new ClusterClientError('credentials', `${name} ${how}; run it by hand to see why`);
}

function parseExecCredential(plugin: ExecPlugin, text: string): ExecCredential {
  const status = readStatus(text);
  const token = stringOf(status, 'token').trim();
  const certificate = stringOf(status, 'clientCertificateData');
  const key = stringOf(status, 'clientKeyData');
  if (token === '' && (certificate === '' || key === '')) {
    throw new ClusterClientError(
      'credentials',
      `exec plugin '${plugin.command}' printed no ExecCredential with a token or a certificate`,
    );
  }
  const expiresAtMs = Date.parse(stringOf(status, 'expirationTimestamp'));
  return {
    token,
    certificate,
    key,
    expiresAtMs: Number.isNaN(expiresAtMs) ? Number.POSITIVE_INFINITY : expiresAtMs,
  };
}

function readStatus(text: string): object {
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document === 'object' && document !== null && 'status' in document) {
      return typeof document.status === 'object' && document.status !== null ? document.status : {};
    }
  } catch {
    // The parser's message quotes the text, which may hold the token; the caller says what is wrong.
  }
  return {};
}

function stringOf(record: object, field: string): string {
  const value: unknown = Reflect.get(record, field);
  return typeof value === 'string' ? value : '';
}
