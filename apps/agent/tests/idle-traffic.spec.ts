/** What an account on which nothing happens costs on the link in a day, counted message by message. */
import {
  AgentMessage,
  BridgeMessage,
  checkpointCreditBytes,
  heartbeatMs,
} from '@fairlead/protocol';
import { DEFAULT_OBJECT_POLICY, type DeltaSink, type FeedOutput } from '@fairlead/watch-engine';
import { accountSchema } from '../src/account-config.ts';
import { AccountFeeding } from '../src/account-feeding.ts';
import { BatchScheduler } from '../src/batch-scheduler.ts';
import { ByteBudget } from '../src/byte-budget.ts';
import { LinkSession } from '../src/link-session.ts';
import type { Link } from '../src/link.ts';
import { atOnce } from '../src/testing/at-once.ts';
import { FakeStream, welcome } from '../src/testing/fake-stream.ts';
import { ManualClock } from '../src/testing/manual-clock.ts';

const dayMs = 24 * 3600 * 1000;
/** kube-apiserver sends a bookmark to each watch every minute. */
const bookmarkMs = 60_000;
const feedCount = 25;

/** Around each message: gRPC's length prefix (5), an HTTP/2 DATA header (9), a TLS 1.3 record (22). */
const framingBytes = 5 + 9 + 22;

function bytesOf(message: AgentMessage | BridgeMessage, side: 'agent' | 'bridge'): number {
  const encoded =
    side === 'agent'
      ? AgentMessage.encode(message as AgentMessage).finish()
      : BridgeMessage.encode(message as BridgeMessage).finish();
  return encoded.byteLength + framingBytes;
}

/** A link and one account of 25 feeds that are all past their snapshots. */
function anIdleAccount() {
  const stream = new FakeStream();
  const clock = new ManualClock();
  const opened: Link[] = [];
  new LinkSession({
    open: () => stream.asLinkStream,
    hello: { agentId: 'agent', instanceId: 'i', agentVersion: '1', zone: '', codecs: [] },
    clock,
    onOpen: (link) => opened.push(link),
    onMessage: () => undefined,
    onNeedTunnels: () => undefined,
  });
  stream.say(welcome);
  const [link] = opened;
  if (link === undefined) throw new Error('the link is not open');
  const scheduler = new BatchScheduler({ link, clock, compressor: atOnce, sent: () => undefined });
  const sinks: DeltaSink[] = [];
  const answer = { name: 'production', epoch: 7, kinds: [], checkpoints: [], creditBytes: 4e6 };
  const feeding = new AccountFeeding(
    accountSchema.parse({ name: 'production', serviceAccount: true }),
    answer,
    {
      ...{ link, scheduler, clock },
      budget: new ByteBudget({ totalBytes: 64e6, accountBytes: 8e6 }),
      observer: { coalesced: () => undefined, oversized: () => undefined, kept: () => undefined },
      objects: DEFAULT_OBJECT_POLICY,
      policy: '',
      feedsById: new Map(),
      resumesSinceMs: 0,
      createWatcher: ({ sink }) => {
        sinks.push(sink);
        return {
          run: () => new Promise(() => undefined),
          relist: () => undefined,
          listMetadata: () => new Promise(() => undefined),
        };
      },
      onFailure: () => undefined,
    },
  );
  const outputs = Array.from({ length: feedCount }, (_, index): FeedOutput => {
    const kind = `Kind${index}`;
    const type = { group: 'apps', version: 'v1', resource: `kind${index}s`, kind };
    const output = sinks[0]?.open({ ...type, namespaced: true, namespace: '' });
    if (output === undefined) throw new Error('there is no sink');
    return output;
  });
  return { stream, clock, feeding, outputs };
}

describe('an account on which nothing happens', () => {
  it('costs less than 1 MB a day, heartbeats of both sides and bookmarks of 25 feeds included', async () => {
    const { stream, clock, feeding, outputs } = anIdleAccount();
    const begun = stream.written.length;
    let counted = begun;
    let fromBridge = 0;
    const says = (message: NonNullable<BridgeMessage['message']>): void => {
      fromBridge += bytesOf({ message }, 'bridge');
      stream.say(message);
    };
    for (let atMs = 0; atMs < dayMs; atMs += heartbeatMs) {
      if (atMs % bookmarkMs === 0) {
        for (const [index, output] of outputs.entries()) {
          const resourceVersion = String(1_842_000_000 + atMs + index);
          void output.write({ kind: 'checkpoint', resourceVersion, readAtMs: clock.nowMs() }, 0);
        }
      }
      says({ $case: 'heartbeat', value: { sentAtMs: clock.nowMs() } });
      await clock.advance(heartbeatMs);
      for (const message of stream.written.slice(counted)) {
        if (message.$case !== 'checkpoints') continue;
        // What a bridge says when it has committed them.
        const bytes = message.value.feeds.length * checkpointCreditBytes;
        const value = { account: 'production', bytes, epoch: 7 };
        says({ $case: 'credit', value });
        feeding.grant(bytes, 7);
      }
      counted = stream.written.length;
    }

    const written = stream.written.slice(begun);
    const fromAgent = written.reduce((sum, message) => sum + bytesOf({ message }, 'agent'), 0);
    const kinds = new Set(written.map(({ $case }) => $case));
    expect([...kinds].sort()).toEqual(['checkpoints', 'heartbeat']);
    expect(fromAgent + fromBridge).toBeLessThan(1_000_000);
    expect(feeding.creditBytes).toBe(4e6);
    // Every feed is told of at least every three minutes.
    const told = written.filter(({ $case }) => $case === 'checkpoints');
    expect(told.length).toBeGreaterThan(dayMs / 180_000);
    expect(
      told.every((one) => one.$case === 'checkpoints' && one.value.feeds.length === feedCount),
    ).toBe(true);
  });
});
