// Certificates and keys that a program serves with: whether they can be read, fit, and for how long.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type Finding, type Findings, wordsOf } from './finding.ts';

/** Files of one door. */
export interface DoorFiles {
  /** Where they are configured: `grpc.tls`. */
  readonly option: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientCaFile: string | undefined;
}

const dayMs = 24 * 3600 * 1000;
const soonMs = 14 * dayMs;

/** Examines them. */
export async function examineDoorFiles(
  findings: Findings,
  files: DoorFiles,
  { read, nowMs }: { readonly read: (file: string) => Promise<Buffer>; readonly nowMs: number },
): Promise<readonly Finding[]> {
  const { option, certFile, keyFile, clientCaFile } = files;
  const found: Finding[] = [];
  try {
    const certificate = new X509Certificate(await read(certFile));
    const key = createPrivateKey(await read(keyFile));
    found.push(
      certificate.checkPrivateKey(key)
        ? judgeTime(findings, option, certificate, nowMs)
        : findings.fail('tls', `${option}: key and certificate do not belong together`, sameToDo),
    );
  } catch (error: unknown) {
    const toDo = `see the files named in ${option}`;
    found.push(findings.fail('tls', `${option}: ${withoutText(error)}`, toDo));
  }
  if (clientCaFile === undefined) return found;
  try {
    new X509Certificate(await read(clientCaFile));
  } catch (error: unknown) {
    const toDo = `put the PEM of those who sign client certificates there`;
    found.push(findings.fail('tls', `${option}.clientCaFile: ${withoutText(error)}`, toDo));
  }
  return found;
}

const sameToDo = 'take both from the same Secret';

function judgeTime(
  { ok, warn, fail }: Findings,
  option: string,
  { validToDate, validFromDate, subjectAltName = '' }: X509Certificate,
  nowMs: number,
): Finding {
  const leftMs = validToDate.getTime() - nowMs;
  const day = validToDate.toISOString().slice(0, 10);
  const renew = 'renew it; a running bridge takes new files over by itself';
  if (leftMs < 0) return fail('tls', `${option}: the certificate expired on ${day}`, renew);
  if (validFromDate.getTime() > nowMs) {
    return fail('tls', `${option}: the certificate is not valid yet`, 'look at the clocks');
  }
  const what = `${option}: a certificate for ${subjectAltName === '' ? 'no name' : subjectAltName}, until ${day}`;
  return leftMs < soonMs ? warn('tls', what, renew) : ok('tls', what);
}

/** Messages of parsers can quote what they choked on: a key. Codes do not. */
function withoutText(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string') return `cannot be read (${code})`;
  return error instanceof Error ? `cannot be understood (${error.name})` : wordsOf('unknown');
}
