/** Probes as kubelets ask them: over HTTP, any status from 200 to 399 is a yes; TLS is not verified. */
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { connect } from 'node:net';
import type { Container, Probe } from './pod-spec.ts';

/** What a probe says; `none` when there is no such probe. */
export type ProbeAnswer = 'none' | 'yes' | 'no';

/** Kubelets' default is one second; this machine may be busy with other tests. */
const timeoutMs = 5_000;

/** The port that a probe names, by number or by name; undefined when no port has that name. */
export function probePort(container: Container, port: number | string): number | undefined {
  if (typeof port === 'number') return port;
  return container.ports?.find(({ name }) => name === port)?.containerPort;
}

/** Asks once. */
export async function askProbe(
  container: Container,
  probe: Probe | undefined,
  podIP: string,
): Promise<ProbeAnswer> {
  if (!probe) return 'none';
  const port = probePort(container, probe.httpGet?.port ?? probe.tcpSocket?.port ?? 0);
  if (port === undefined) return 'no';
  const isFine = probe.httpGet
    ? await answersHttp(probe.httpGet, { host: podIP, port })
    : await accepts({ host: podIP, port });
  return isFine ? 'yes' : 'no';
}

interface Address {
  readonly host: string;
  readonly port: number;
}

function answersHttp(get: NonNullable<Probe['httpGet']>, address: Address): Promise<boolean> {
  const { host = address.host, path = '/', scheme = 'HTTP', httpHeaders = [] } = get;
  const request = scheme.toUpperCase() === 'HTTPS' ? requestTls : requestPlain;
  return new Promise((resolve) => {
    const asked = request({
      ...{ host, port: address.port, path, agent: false, timeout: timeoutMs },
      headers: Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value])),
      rejectUnauthorized: false,
    });
    asked.once('response', (response) => {
      const { statusCode = 0 } = response;
      response.resume();
      resolve(statusCode >= 200 && statusCode < 400);
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('close', () => {
      resolve(false);
    });
    // Refused, reset or timed out: closing follows, and that is the answer.
    asked.once('error', () => undefined);
    asked.end();
  });
}

function accepts(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...address, timeout: timeoutMs });
    socket.once('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('timeout', () => socket.destroy());
    socket.once('close', () => {
      resolve(false);
    });
    // As above.
    socket.once('error', () => undefined);
  });
}
