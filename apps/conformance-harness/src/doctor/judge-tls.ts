// What a TLS handshake tells: whether the certificate is trusted, for this name, and for how long.
import { type Finding, type Findings } from './finding.ts';

/** What came of a handshake that was let through whatever the certificate. */
export interface Handshake {
  /** Why the certificate is not trusted, in Node's or OpenSSL's code; '' when it is. */
  readonly distrust: string;
  /** The protocol that was agreed upon inside: `h2`; '' for none. */
  readonly protocol: string;
  /** Subject's common name of the certificate, or '' . */
  readonly subject: string;
  /** Issuer's common name, or ''. */
  readonly issuer: string;
  /** Names that it is for: `DNS:bridge.example, IP Address:10.0.0.1`. */
  readonly names: string;
  /** When it ends, epoch milliseconds. */
  readonly validToMs: number;
}

/** What was expected of it. */
export interface ExpectedTls {
  /** The name that was asked for. */
  readonly serverName: string;
  /** The option that names authorities: `clouddriver.tls.cacertFile`. */
  readonly caOption: string;
  /** The option for another name, if there is one. */
  readonly nameOption?: string;
  /** Whether the certificate matters at all. */
  readonly isVerified: boolean;
  /** Whether HTTP/2 must be spoken inside. */
  readonly needsHttp2: boolean;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

const dayMs = 24 * 3600 * 1000;
/** Renewal is a matter of days where it is not automatic; cert-manager renews a third before the end. */
const soonMs = 14 * dayMs;

/** Codes that mean "signed by nobody we know". */
const unknownIssuer: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Judges a handshake: its trust, its end and what is spoken inside. */
export function judgeTls(
  findings: Findings,
  handshake: Handshake,
  expected: ExpectedTls,
): readonly Finding[] {
  return [
    judgeTrust(findings, handshake, expected),
    ...judgeEnd(findings, handshake, expected.nowMs),
    ...(expected.needsHttp2 ? [judgeProtocol(findings, handshake)] : []),
  ];
}

function judgeTrust(
  { ok, warn, fail }: Findings,
  { distrust, issuer, names, validToMs, subject }: Handshake,
  { serverName, caOption, nameOption, isVerified }: ExpectedTls,
): Finding {
  const check = 'certificate';
  if (!isVerified) {
    return warn(
      check,
      `certificate of "${subject}" is not looked at: verification is switched off`,
      `name its authority in ${caOption} and switch verification on`,
    );
  }
  if (distrust === '') return ok(check, `trusted, for ${serverName}, issued by "${issuer}"`);
  if (unknownIssuer.has(distrust)) {
    const toDo = `put the PEM of that authority (the chain up to its root) into ${caOption}`;
    return fail(check, `issued by "${issuer}", which is not trusted here (${distrust})`, toDo);
  }
  if (distrust === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const other = nameOption === undefined ? '' : `, or say in ${nameOption} which name it has`;
    const toDo = `use an address that the certificate is for, or have it issued for this one${other}`;
    return fail(
      check,
      `not for ${serverName}: it is for ${names === '' ? 'no name' : names}`,
      toDo,
    );
  }
  if (distrust === 'CERT_HAS_EXPIRED') {
    return fail(check, `expired on ${dayOf(validToMs)}`, 'renew it; then look at the clocks');
  }
  return fail(check, `not trusted (${distrust})`, 'see the code in the documentation of OpenSSL');
}

function judgeEnd(
  { warn }: Findings,
  { validToMs, distrust }: Handshake,
  nowMs: number,
): readonly Finding[] {
  const leftMs = validToMs - nowMs;
  if (distrust === 'CERT_HAS_EXPIRED' || Number.isNaN(leftMs) || leftMs > soonMs) return [];
  const days = Math.max(0, Math.floor(leftMs / dayMs));
  const what = `certificate ends on ${dayOf(validToMs)}, in ${days} days`;
  return [warn('expiry', what, 'renew it; running programs take a new one over by themselves')];
}

function judgeProtocol({ ok, fail }: Findings, { protocol }: Handshake): Finding {
  if (protocol === 'h2') return ok('http/2', 'HTTP/2 is spoken inside TLS');
  const what = `no HTTP/2 inside TLS (${protocol === '' ? 'nothing agreed upon' : protocol})`;
  const toDo =
    'a proxy or load balancer on the way must pass HTTP/2 on, or TLS as it is (docs/proxies.md)';
  return fail('http/2', what, toDo);
}

function dayOf(ms: number): string {
  return Number.isNaN(ms) ? 'an unknown day' : new Date(ms).toISOString().slice(0, 10);
}
