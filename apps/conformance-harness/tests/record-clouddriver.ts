/**
 * Asks the classes of a real Clouddriver what they make of manifests. `recorded/README.md` says what
 * is recorded and why; `recorded/RecordClouddriver.java` does it.
 */
import { findClouddriver } from '@fairlead/testbed';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseExact } from '../src/verify/exact-json.ts';

/** Part of a manifest: what its kind and its moniker depend on. */
export interface Question {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** What Clouddriver says of one manifest. */
export interface Answer {
  /** Its name of the kind. */
  readonly kind: string;
  readonly moniker: Readonly<Record<string, string | number>>;
  /** Whether it is not to be cached; absent when the question makes Clouddriver's agent fail. */
  readonly ignored?: boolean;
}

/** A row as Clouddriver would store it, without `cacheExpiry`. */
export interface RecordedRow {
  readonly id: string;
  readonly agent: string;
  readonly body: object;
}

/** What one run says. */
export interface ClouddriverRecording {
  /** In the order of agents and ids. */
  readonly rows: readonly RecordedRow[];
  /**
   * The same with `cacheAllApplicationRelationships`, without attributes: what each row says of
   * others.
   */
  readonly related: readonly RecordedRow[];
  /** In the order of the questions. */
  readonly answers: readonly Answer[];
}

/** What is asked. */
export interface RecordingRequest {
  readonly account: string;
  /** JSON of each object: its numbers must not pass through JavaScript. */
  readonly manifests: readonly string[];
  readonly questions: readonly Question[];
}

const program = join(import.meta.dirname, 'recorded', 'RecordClouddriver.java');

/**
 * Runs it once, some five seconds.
 * @throws TestbedError `unavailable` without a Clouddriver; Error with what Java said last
 */
export async function recordClouddriver(request: RecordingRequest): Promise<ClouddriverRecording> {
  const { java, directory } = await findClouddriver();
  const home = await mkdtemp(join(tmpdir(), 'fairlead-recording-'));
  try {
    const file = join(home, 'recording.json');
    await run(java, ['-cp', join(directory, '*'), program, file], printRequest(request));
    return parseExact(await readFile(file, 'utf8')) as unknown as ClouddriverRecording;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function printRequest({ account, manifests, questions }: RecordingRequest): string {
  const rest = JSON.stringify({ account, questions }).slice(1, -1);
  return `{"manifests":[${manifests.join(',')}],${rest}}`;
}

const saidAtMostChars = 2000;

function run(command: string, args: readonly string[], input: string): Promise<void> {
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-saidAtMostChars);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the recording ended with ${String(code)}: ${said}`));
    });
    child.stdin.on('error', reject);
    child.stdin.end(input);
  });
}
