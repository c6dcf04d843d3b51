/** The port of agents and those who mean it no good: real sockets, raw bytes. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectHttp2, type ClientHttp2Stream } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { startBridgeUnderTest, type BridgeUnderTest } from './bridge-under-test.ts';
import { FakeAgent } from './fake-agent.ts';

let directory: string;
let bridge: BridgeUnderTest;
/** An agent that does no harm: it must notice nothing. */
let bystander: FakeAgent;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairlead-bridge-'));
  bridge = await startBridgeUnderTest(
    directory,
    `
auth:
  agents: [{ token: good, accounts: ["*"] }, { token: other, accounts: ["*"] }]
limits: { linksPerIdentity: 2, accountsPerLink: 3, feedsPerLink: 2 }
`,
  );
  bystander = await new FakeAgent({ port: bridge.grpcPort, token: 'other' }).welcome();
});

afterEach(async () => {
  // It is there still, and is served.
  const { epoch } = await bystander.accepted('bystander', 'uid-b');
  expect(epoch).toBe(1);
  bystander.crash();
  await bridge.stop();
  await rm(directory, { recursive: true, force: true });
});

function dial(): { readonly socket: Socket; readonly closed: Promise<void> } {
  const socket = connect(bridge.grpcPort, '127.0.0.1');
  socket.on('error', () => undefined).resume();
  return { socket, closed: new Promise((resolve) => socket.on('close', () => resolve())) };
}

async function refusals(reason: string): Promise<number> {
  const { text } = await bridge.get('/metrics');
  const pattern = `refused_connections_total\\{door="agents",reason="${reason}"\\} (\\d+)`;
  return Number(new RegExp(pattern).exec(text)?.[1]);
}

interface RawCall {
  readonly stream: ClientHttp2Stream;
  /** `grpc-status`, or what became of the stream. */
  readonly ended: Promise<string>;
}

/** A call without a library that would keep it in order. */
function rawCall(headers: Record<string, string> = {}): RawCall {
  const session = connectHttp2(`http://127.0.0.1:${bridge.grpcPort}`);
  session.on('error', () => undefined);
  const stream = session.request({
    ...{ ':method': 'POST', ':path': '/fairlead.v1.LinkService/Link' },
    ...{ 'content-type': 'application/grpc', te: 'trailers', authorization: 'Bearer good' },
    ...headers,
  });
  let status = '';
  const see = (seen: Record<string, unknown>) => {
    if (typeof seen['grpc-status'] === 'string') status = seen['grpc-status'];
  };
  stream
    .on('response', see)
    .on('trailers', see)
    .on('error', () => undefined)
    .resume();
  const ended = new Promise<string>((resolve) => {
    stream.on('close', () => {
      session.destroy();
      resolve(status || `closed with ${String(stream.rstCode)}`);
    });
  });
  return { stream, ended };
}

function grpcFrame(bytes: Buffer, isCompressed = false): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(isCompressed ? 1 : 0);
  head.writeUInt32BE(bytes.byteLength, 1);
  return Buffer.concat([head, bytes]);
}

const resourceExhausted = '8';

describe('connections that are no links', () => {
  it('are ended: silent ones, slow ones, and those that speak something else', async () => {
    const silent = dial();
    const preface = dial();
    preface.socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00');
    const half = dial();
    half.socket.write('PRI * HTTP/2.0');
    const http1 = dial();
    http1.socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const garbage = dial();
    garbage.socket.write(Buffer.from('16030100ff00deadbeef', 'hex'));
    const frames = dial();
    frames.socket.write(
      Buffer.concat([
        Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
        Buffer.from('000000040000000000', 'hex'),
        // DATA on a stream that nobody has opened, and a frame that says it has 16 MiB.
        Buffer.from('00000400010000000141414141', 'hex'),
        Buffer.from('ffffff00010000000141414141', 'hex'),
      ]),
    );

    await Promise.all([silent, preface, half, http1, garbage, frames].map(({ closed }) => closed));

    expect(await refusals('slow')).toBe(3);
    expect(await refusals('malformed')).toBeGreaterThanOrEqual(3);
  }, 40_000);
});

describe('a link', () => {
  it('is ended by a message that is too large, by its head alone', async () => {
    const call = rawCall();
    const head = Buffer.alloc(5);
    head.writeUInt32BE(0xffff_ffff, 1);
    call.stream.write(head);

    expect(await call.ended).toBe(resourceExhausted);
    expect(await refusals('messageSize')).toBe(1);
  }, 20_000);

  it('is ended by a message that would be too large once it is unpacked', async () => {
    const call = rawCall({ 'grpc-encoding': 'gzip' });
    const bomb = gzipSync(Buffer.alloc(512 * 1024 * 1024));
    const before = process.memoryUsage().rss;
    call.stream.write(grpcFrame(bomb, true));

    expect(await call.ended).toBe(resourceExhausted);
    expect(await refusals('messageSize')).toBe(1);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  }, 20_000);

  it('is ended by bytes that are no message', async () => {
    const call = rawCall();
    call.stream.write(grpcFrame(Buffer.from('ff'.repeat(64), 'hex')));

    expect(await call.ended).toBe('13');
    expect(await refusals('malformed')).toBe(1);
  }, 20_000);

  it('is not had with headers that are too large', async () => {
    const call = rawCall({ 'x-large': 'x'.repeat(100_000) });

    expect(await call.ended).not.toBe('0');
  }, 20_000);

  it('is not kept open by an agent that was refused and does not go', async () => {
    const call = rawCall({ authorization: 'Bearer bad' });

    expect(await call.ended).toBe('16');
  }, 20_000);

  it('is refused to an identity that has enough of them', async () => {
    const port = bridge.grpcPort;
    const first = await new FakeAgent({ port, token: 'good', agentId: 'a' }).welcome();
    const second = await new FakeAgent({ port, token: 'good', agentId: 'b' }).welcome();

    const { code } = await new FakeAgent({ port, token: 'good', agentId: 'c' }).ended;
    await first.leave();
    const again = await new FakeAgent({ port, token: 'good', agentId: 'c' }).welcome();

    expect(code).toBe(Number(resourceExhausted));
    expect(await refusals('tooManyLinks')).toBe(1);
    second.crash();
    again.crash();
  });

  it('is ended by too many accounts, and by too many feeds', async () => {
    const port = bridge.grpcPort;
    const greedy = await new FakeAgent({ port, token: 'good', agentId: 'a' }).welcome();
    for (let count = 0; count < 4; count += 1) greedy.register(`g-${count}`, { uid: `g${count}` });
    const refused = await greedy.hear('refused');
    await greedy.ended;
    const busy = await new FakeAgent({ port, token: 'good', agentId: 'b' }).welcome();
    const { epoch } = await busy.accepted('busy', 'uid-busy');
    for (let feedId = 1; feedId <= 3; feedId += 1) {
      busy.openFeed({ account: 'busy', epoch, feedId, namespace: `n${feedId}` });
    }

    expect(refused.message).toContain('more than 3 accounts');
    expect((await busy.hear('refused')).message).toContain('more than 2 feeds');
    expect(await refusals('tooManyAccounts')).toBe(1);
    expect(await refusals('tooManyFeeds')).toBe(1);
    greedy.crash();
    busy.crash();
  });
});
