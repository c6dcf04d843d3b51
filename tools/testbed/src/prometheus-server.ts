/** A real Prometheus on loopback, with a configuration of one's own, and questions to it. */
import { stringify } from 'yaml';
import { startOnFreePort } from './free-port.ts';
import { startProgram, type ProgramHandle } from './program-server.ts';
import { findPrometheus } from './prometheus-binaries.ts';
import type { StartOptions } from './start-options.ts';
import { TestbedError } from './testbed-error.ts';

/** What it scrapes and which rules it follows. */
export interface PrometheusOptions extends StartOptions {
  /** `prometheus.yml` as an object; `rule_files` are names of `files`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Files beside `prometheus.yml`: name to text. @defaultValue none */
  readonly files?: Readonly<Record<string, string>>;
}

/** One series of an answer. */
export interface PrometheusSeries {
  readonly metric: Readonly<Record<string, string>>;
  /** Of a query at one moment: seconds since 1970, and the value as text. */
  readonly value?: readonly [number, string];
  /** The same of a query over time. */
  readonly values?: readonly (readonly [number, string])[];
}

/** An alert that is pending or firing. */
export interface PrometheusAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

/** A span of time to look at. */
export interface PrometheusRange {
  /** Seconds since 1970. */
  readonly start: number;
  /** Seconds since 1970. */
  readonly end: number;
  /** Between two values, in seconds. */
  readonly step: number;
}

/** A running Prometheus. */
export interface PrometheusHandle extends AsyncDisposable {
  /** Such as `http://127.0.0.1:18211`. */
  readonly url: string;
  readonly program: ProgramHandle;
  /** The series that an expression gives now. @throws TestbedError `requestFailed` if it is none */
  query(expr: string): Promise<readonly PrometheusSeries[]>;
  /** The same over time. @throws TestbedError `requestFailed` */
  queryRange(expr: string, range: PrometheusRange): Promise<readonly PrometheusSeries[]>;
  /** The values that a label has. @throws TestbedError `requestFailed` */
  labelValues(label: string, series: string): Promise<readonly string[]>;
  /** Alerts that are pending or firing. @throws TestbedError `requestFailed` */
  alerts(): Promise<readonly PrometheusAlert[]>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/**
 * Starts Prometheus; resolves when it takes queries, in about a second.
 *
 * @throws TestbedError `unavailable` or `startFailed`
 */
export async function startPrometheus(options: PrometheusOptions): Promise<PrometheusHandle> {
  const { server } = await findPrometheus(options);
  return startOnFreePort(async (port) => {
    const address = `127.0.0.1:${String(port)}`;
    const url = `http://${address}`;
    const program = await startProgram({
      ...options,
      name: 'prometheus',
      command: server,
      args: [
        '--config.file=prometheus.yml',
        '--storage.tsdb.path=data',
        `--web.listen-address=${address}`,
        '--log.level=warn',
      ],
      files: { ...options.files, 'prometheus.yml': stringify(options.config) },
      isReady: async () => (await fetch(`${url}/-/ready`)).ok,
    });
    return handleOf(url, program);
  });
}

function handleOf(url: string, program: ProgramHandle): PrometheusHandle {
  const ask = askAt(url);
  return {
    url,
    program,
    query: async (query) => {
      const data = (await ask('query', { query })) as { result: PrometheusSeries[] };
      return data.result;
    },
    queryRange: async (query, { start, end, step }) => {
      const times = { start: String(start), end: String(end), step: String(step) };
      const data = (await ask('query_range', { query, ...times })) as {
        result: PrometheusSeries[];
      };
      return data.result;
    },
    labelValues: async (label, series) =>
      (await ask(`label/${label}/values`, { 'match[]': series })) as string[],
    alerts: async () => ((await ask('alerts', {})) as { alerts: PrometheusAlert[] }).alerts,
    stop: () => program.stop(),
    [Symbol.asyncDispose]: () => program.stop(),
  };
}

function askAt(url: string) {
  return async (path: string, parameters: Record<string, string>): Promise<unknown> => {
    const query = new URLSearchParams(parameters).toString();
    const response = await fetch(`${url}/api/v1/${path}?${query}`);
    const answer = (await response.json()) as { status: string; error?: string; data?: unknown };
    if (answer.status === 'success') return answer.data;
    const detail = `${query}: ${answer.error ?? ''}`;
    throw new TestbedError('requestFailed', 'Prometheus does not answer', { detail });
  };
}
