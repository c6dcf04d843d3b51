// Says hello to a bridge as an agent does, and goodbye at once: no account is registered, so that
// nobody is disturbed.
import { status, type Metadata } from '@grpc/grpc-js';
import { type AgentMessage, type BridgeMessage, protocolVersions, Codec } from '@fairlead/protocol';

/** The stream of a link, as far as it is needed. */
export interface HelloStream {
  write(message: AgentMessage): unknown;
  end(): unknown;
  cancel(): unknown;
  on(event: 'data', take: (message: BridgeMessage) => void): unknown;
  on(event: 'error', take: (error: Error) => void): unknown;
  on(event: 'end', take: () => void): unknown;
  on(event: 'metadata', take: (metadata: Metadata) => void): unknown;
}

/** How a bridge took it. */
export type HelloOutcome =
  | {
      readonly kind: 'welcome';
      readonly bridgeId: string;
      readonly protocolVersion: number;
      /** Patterns of the account names that may be registered; empty when it does not say. */
      readonly accountNames: readonly string[];
      /** `Date` of the answer; undefined when a proxy took it away. */
      readonly date: string | undefined;
    }
  /** It speaks the protocol, and does not want this agent. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** gRPC's status, by name, and its words. */
  | { readonly kind: 'failed'; readonly status: string; readonly details: string }
  | { readonly kind: 'silent' };

/** How long a bridge may take to end its side after goodbye, in milliseconds. */
const leaveMs = 1_000;
/** A bridge that is busy may take a while to look a token up. */
const patienceMs = 15_000;

/** Says hello on a fresh stream and waits for the answer; ends the stream in any case. */
export async function sayHello(stream: HelloStream, agentVersion: string): Promise<HelloOutcome> {
  let date: string | undefined;
  stream.on('metadata', (metadata) => {
    date = metadata.get('date').map(String)[0];
  });
  const answer = new Promise<HelloOutcome>((resolve) => {
    stream.on('data', (message) => resolve(outcomeOf(message, date)));
    stream.on('error', (error) => resolve(failureOf(error)));
    stream.on('end', () => resolve({ kind: 'failed', status: 'OK', details: 'it hung up' }));
  });
  const { promise: late, resolve: giveUp } = Promise.withResolvers<HelloOutcome>();
  const timer = setTimeout(() => giveUp({ kind: 'silent' }), patienceMs);
  stream.write({ message: { $case: 'hello', value: helloOf(agentVersion) } });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
    stream.write({ message: { $case: 'goodbye', value: { reason: 'only examined' } } });
    stream.end();
    // Who does not answer does not end its side either.
    setTimeout(() => stream.cancel(), leaveMs).unref();
  }
}

/** A name and an instance of its own: no agent's link is taken for the return of this one. */
function helloOf(agentVersion: string) {
  return {
    protocolVersions: [...protocolVersions],
    agentId: 'fairlead-conformance doctor',
    instanceId: crypto.randomUUID(),
    agentVersion,
    codecs: [Codec.DEFLATE],
    zone: '',
    capabilities: [],
  };
}

function outcomeOf({ message }: BridgeMessage, date: string | undefined): HelloOutcome {
  if (message?.$case === 'welcome') {
    const { bridgeId, protocolVersion, accountNames } = message.value;
    return { kind: 'welcome', bridgeId, protocolVersion, accountNames, date };
  }
  if (message?.$case === 'refused') return { kind: 'refused', reason: message.value.message };
  const details = 'it answers with something else than a welcome';
  return { kind: 'failed', status: 'OK', details };
}

function failureOf(error: Error): HelloOutcome {
  const { code, details } = error as { code?: number; details?: string };
  const name = code === undefined ? 'UNKNOWN' : (status[code] ?? String(code));
  return { kind: 'failed', status: name, details: details ?? error.message };
}
