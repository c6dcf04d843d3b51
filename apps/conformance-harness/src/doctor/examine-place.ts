// An address, step by step: its name, its port, what it speaks. Each step needs the one before it.
import { type Finding, type Findings } from './finding.ts';
import { type ExpectedTls, judgeTls } from './judge-tls.ts';
import {
  greetInPlain,
  knock,
  resolveName,
  shakeHands,
  type Place,
  type PlainGreeting,
  type TlsMaterial,
} from './node-place-client.ts';

/** How a place is expected to be spoken to. */
export interface ExpectedPlace {
  readonly place: Place;
  /** The option that says where it is: `clouddriver.grpc`. */
  readonly option: string;
  /** Whose place it is, in words: `the bridge`. */
  readonly owner: string;
  readonly findings: Findings;
}

/** What was found, and whether it makes sense to go on. */
export interface PlaceFindings {
  readonly found: readonly Finding[];
  readonly isOpen: boolean;
}

/** Name and port. */
export async function examinePlace(expected: ExpectedPlace): Promise<PlaceFindings> {
  const { place, option, owner, findings } = expected;
  const { host, port } = place;
  const name = await resolveName(host);
  if (name.kind === 'failed') {
    const what = `${host} has no address (${name.code})`;
    const toDo = `check the spelling in ${option}, and the name servers of this machine or pod`;
    return { found: [findings.fail('name', what, toDo)], isOpen: false };
  }
  const resolved = findings.ok('name', `${host} is ${name.value.join(', ')}`);
  const open = await knock(place);
  if (open.kind === 'failed') {
    const what = `nothing takes connections at ${host}:${port} (${open.code})`;
    return {
      found: [resolved, findings.fail('port', what, portToDo(open.code, owner))],
      isOpen: false,
    };
  }
  const connected = findings.ok('port', `${host}:${port} takes connections`);
  return { found: [resolved, connected], isOpen: true };
}

/** TLS at an open place. */
export async function examineTls(
  { place, findings, owner }: ExpectedPlace,
  expected: ExpectedTls & { readonly material: TlsMaterial; readonly plainToDo: string },
): Promise<PlaceFindings> {
  const { material, plainToDo, ...tls } = expected;
  const { serverName } = tls;
  const protocols = tls.needsHttp2 ? ['h2'] : ['h2', 'http/1.1'];
  const shaken = await shakeHands(place, { ...material, serverName, protocols });
  if (shaken.kind === 'done') {
    const found = judgeTls(findings, shaken.value, tls);
    return { found, isOpen: found.every(({ verdict }) => verdict !== 'fail') };
  }
  const isPlain = speaksPlainText(shaken.code);
  const what = isPlain
    ? `${owner} answers in plain text, and TLS is expected (${shaken.code})`
    : `no TLS connection (${shaken.code})`;
  const toDo = isPlain ? plainToDo : 'see whether a proxy or firewall on the way ends TLS';
  return { found: [findings.fail('tls', what, toDo)], isOpen: false };
}

/** Plain HTTP/2 at an open place. */
export async function examinePlainHttp2(
  { place, findings, owner }: ExpectedPlace,
  tlsToDo: string,
): Promise<PlaceFindings> {
  const greeted = await greetInPlain(place);
  const greeting = greeted.kind === 'done' ? greeted.value : 'closed';
  if (greeting === 'http2') {
    const found = findings.warn(
      'tls',
      `${owner} is spoken to in plain text: whoever is on the way reads everything`,
      'use TLS on every way that leaves a machine or a mesh that encrypts',
    );
    return { found: [found], isOpen: true };
  }
  const speaksTls = greeting === 'tls' || (await answersTls(place));
  const what = speaksTls
    ? `${owner} expects TLS, and plain text is configured`
    : `what answers does not speak HTTP/2 (${wordsFor[greeting]})`;
  const toDo = speaksTls
    ? tlsToDo
    : 'a proxy or load balancer on the way must pass HTTP/2 on (docs/proxies.md)';
  return { found: [findings.fail('http/2', what, toDo)], isOpen: false };
}

const wordsFor: Readonly<Record<PlainGreeting, string>> = {
  http2: 'it does',
  http1: 'HTTP/1.1 only',
  tls: 'TLS',
  closed: 'it hangs up',
  silent: 'no answer that is understood',
};

async function answersTls(place: Place): Promise<boolean> {
  const shaken = await shakeHands(place, { serverName: place.host, protocols: ['h2'] });
  return shaken.kind === 'done';
}

/** OpenSSL's words for bytes that are no TLS. */
function speaksPlainText(code: string): boolean {
  return /WRONG_VERSION_NUMBER|EPROTO|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/.test(code);
}

function portToDo(code: string, owner: string): string {
  if (code === 'ECONNREFUSED') return `see whether ${owner} runs, and at which port it listens`;
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return `see whether a firewall, security group or NetworkPolicy stands in between`;
  }
  return `see whether ${owner} runs, and what stands in between`;
}
