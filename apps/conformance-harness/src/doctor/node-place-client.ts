// Looks at an address from outside: its name, its port, and what answers there.
import { lookup } from 'node:dns/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { type Handshake } from './judge-tls.ts';

/** An address. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Something that came about, or the system's code of why it did not. */
export type Outcome<T> =
  { readonly kind: 'done'; readonly value: T } | { readonly kind: 'failed'; readonly code: string };

/** What answers the beginning of plain HTTP/2. */
export type PlainGreeting = 'http2' | 'http1' | 'tls' | 'closed' | 'silent';

/** What a handshake is made with. */
export type TlsMaterial = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'passphrase'>;

/** Longest wait for any one answer, in milliseconds. */
export const patienceMs = 8_000;

/** What every HTTP/2 client sends first: RFC 9113, 3.4, with an empty SETTINGS frame behind it. */
const preface = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const settingsFrame = 4;
/** First byte of a TLS alert: RFC 8446, 5.1. */
const tlsAlert = 21;

/** The addresses of a name. */
export async function resolveName(host: string): Promise<Outcome<readonly string[]>> {
  try {
    const found = await within(lookup(host, { all: true }));
    return { kind: 'done', value: found.map(({ address }) => address) };
  } catch (error: unknown) {
    return { kind: 'failed', code: codeOf(error) };
  }
}

/** Whether the port takes connections. */
export async function knock(place: Place): Promise<Outcome<undefined>> {
  return withSocket(connectTcp(place), 'connect', () => Promise.resolve(undefined));
}

/** Shakes hands, whatever the certificate. */
export async function shakeHands(
  place: Place,
  options: TlsMaterial & { readonly serverName: string; readonly protocols: readonly string[] },
): Promise<Outcome<Handshake>> {
  const { serverName, protocols, ...material } = options;
  try {
    const socket = connectTls({
      ...place,
      ...material,
      ...(isName(serverName) ? { servername: serverName } : {}),
      host: place.host,
      ALPNProtocols: [...protocols],
      // The certificate is what is to be looked at, not to be relied upon: nothing is sent.
      rejectUnauthorized: false,
    });
    return await withSocket(socket, 'secureConnect', () => Promise.resolve(handshakeOf(socket)));
  } catch (error: unknown) {
    // Material that cannot be used is thrown at once.
    return { kind: 'failed', code: codeOf(error) };
  }
}

/** Says the first words of HTTP/2 in plain text, and looks at the first of the answer. */
export async function greetInPlain(place: Place): Promise<Outcome<PlainGreeting>> {
  const socket = connectTcp(place);
  return withSocket(socket, 'connect', async () => {
    socket.write(preface);
    const [first] = await Promise.race([
      new Promise<[Buffer]>((resolve) => socket.once('data', (chunk: Buffer) => resolve([chunk]))),
      new Promise<['closed']>((resolve) => socket.once('close', () => resolve(['closed']))),
      new Promise<['silent']>((resolve) => {
        setTimeout(() => resolve(['silent']), patienceMs).unref();
      }),
    ]);
    return typeof first === 'string' ? first : greetingOf(first);
  });
}

function greetingOf(chunk: Buffer): PlainGreeting {
  if (chunk[3] === settingsFrame && chunk[0] === 0) return 'http2';
  if (chunk[0] === tlsAlert) return 'tls';
  return chunk.subarray(0, 5).toString('latin1') === 'HTTP/' ? 'http1' : 'silent';
}

function handshakeOf(socket: TLSSocket): Handshake {
  const certificate = socket.getPeerCertificate();
  const { authorizationError, alpnProtocol } = socket;
  return {
    distrust: distrustOf(authorizationError),
    protocol: alpnProtocol === false || alpnProtocol === null ? '' : alpnProtocol,
    subject: nameIn(certificate.subject),
    issuer: nameIn(certificate.issuer),
    names: certificate.subjectaltname ?? '',
    validToMs: Date.parse(certificate.valid_to),
  };
}

/** Node gives a code, or the error of its own check of names. */
function distrustOf(error: unknown): string {
  if (error === null || error === undefined) return '';
  return typeof error === 'string' ? error : codeOf(error);
}

function nameIn(names: unknown): string {
  if (typeof names !== 'object' || names === null) return '';
  const { CN, O } = names as { CN?: string | string[]; O?: string | string[] };
  return [CN ?? O ?? ''].flat()[0] ?? '';
}

async function withSocket<T>(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  work: () => Promise<T>,
): Promise<Outcome<T>> {
  try {
    await within(
      new Promise<void>((resolve, reject) => {
        socket.once(event, () => resolve());
        socket.once('error', reject);
        socket.once('close', () => reject(Object.assign(new Error(), { code: 'ECONNRESET' })));
      }),
    );
    // What breaks from here on shows as the end of the connection.
    socket.on('error', () => undefined);
    return { kind: 'done', value: await work() };
  } catch (error: unknown) {
    return { kind: 'failed', code: codeOf(error) };
  } finally {
    socket.destroy();
  }
}

/** The answer, unless it takes too long. */
export function within<T>(work: Promise<T>, ms = patienceMs): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = Object.assign(new Error(`no answer within ${ms} ms`), { code: 'ETIMEDOUT' });
  const timer = setTimeout(() => reject(late), ms);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

/** TLS carries names of servers, never addresses: RFC 6066, 3. */
const isName = (host: string): boolean => !/^[\d.]+$|:/.test(host);

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf((error.errors as readonly unknown[])[0]);
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'unknown';
  return typeof error.code === 'string' ? error.code : 'unknown';
}
