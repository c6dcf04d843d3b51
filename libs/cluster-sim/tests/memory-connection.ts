// A client without a network: asks a simulated cluster directly and keeps what it answers. Its
// reader can be slow, and can go away.
import { type ResponseSink } from '../src/response-sink.ts';
import { type SimCluster } from '../src/index.ts';

/** One request under way. */
export interface MemoryConnection {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** What was written at one go. */
  readonly pieces: readonly string[];
  readonly lines: readonly { type: string; object: { metadata: Record<string, string> } }[];
  /** How the answer ended; undefined while it goes on. */
  readonly outcome: 'ended' | 'destroyed' | undefined;
  /** Settles when the cluster has done with the request. */
  readonly done: Promise<void>;
  /** Takes up reading again. */
  read(): void;
  /** Goes away. */
  leave(): void;
}

/** Sends a request; with `isSlow` nothing is read until `read` is called. */
export function connect(
  cluster: SimCluster,
  url: string,
  options: {
    isSlow?: boolean;
    method?: string;
    headers?: Record<string, string>;
    body?: unknown;
    /** Number of its connection. */
    connection?: number;
  } = {},
): MemoryConnection {
  const { pathname, searchParams } = new URL(url, 'http://simulated');
  const closing = new AbortController();
  let wake: () => void = () => undefined;
  let isSlow = options.isSlow === true;
  const state = {
    status: 0,
    headers: {} as Readonly<Record<string, string>>,
    text: '',
    pieces: [] as string[],
    outcome: undefined as 'ended' | 'destroyed' | undefined,
  };
  const close = (outcome: 'ended' | 'destroyed'): void => {
    state.outcome ??= outcome;
    closing.abort();
  };
  const sink: ResponseSink = {
    closed: closing.signal,
    start: (status, headers) => void Object.assign(state, { status, headers }),
    write(bytes) {
      const piece = Buffer.from(bytes).toString();
      state.text += piece;
      state.pieces.push(piece);
      return !isSlow;
    },
    drained() {
      if (!isSlow || closing.signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        wake = resolve;
        closing.signal.addEventListener('abort', () => resolve());
      });
    },
    end: () => close('ended'),
    destroy: () => close('destroyed'),
    breakOff: (chunk = new Uint8Array()) => {
      state.text += Buffer.from(chunk.subarray(0, chunk.length >> 1)).toString();
      close('destroyed');
    },
  };
  const body = Buffer.from(options.body === undefined ? '' : JSON.stringify(options.body));
  const done = cluster.answer(
    {
      method: options.method ?? 'GET',
      path: pathname,
      connection: options.connection ?? 0,
      query: searchParams,
      headers: options.headers ?? {},
      body: () => Promise.resolve(body),
    },
    sink,
  );
  return {
    get status() {
      return state.status;
    },
    get headers() {
      return state.headers;
    },
    get text() {
      return state.text;
    },
    get pieces() {
      return state.pieces;
    },
    get outcome() {
      return state.outcome;
    },
    get lines() {
      const whole = state.text.split('\n').slice(0, -1);
      return whole.map((line) => JSON.parse(line) as MemoryConnection['lines'][number]);
    },
    done,
    read() {
      isSlow = false;
      wake();
    },
    leave: () => close('destroyed'),
  };
}

/** Lets everything that is ready to run, run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
