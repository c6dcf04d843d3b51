/**
 * How often an address may fail to prove who it is: a bucket of failures that drains with time. The
 * table is bounded; when it is full, the address that failed least recently is forgiven.
 */
import { isIPv6 } from 'node:net';

/** How much is too much. */
export interface FailureLimits {
  /** Failures that an address may have at once. */
  readonly burst: number;
  /** Time in which as many are forgiven, ms. */
  readonly windowMs: number;
  /** Addresses that are remembered. @defaultValue 10,000: about 2 MB */
  readonly maxAddresses?: number;
}

interface Bucket {
  readonly failures: number;
  readonly atMs: number;
}

/** Counts failures by address. */
export class FailureLimiter {
  readonly #limits: Required<FailureLimits>;
  readonly #clock: { nowMs(): number };
  readonly #buckets = new Map<string, Bucket>();

  constructor(limits: FailureLimits, clock: { nowMs(): number }) {
    this.#limits = { maxAddresses: 10_000, ...limits };
    this.#clock = clock;
  }

  /** How long the address must wait before it may try again, ms; 0 if it need not. */
  waitMs(address: string): number {
    const { burst, windowMs } = this.#limits;
    const excess = this.#failures(networkOf(address)) - (burst - 1);
    return excess <= 0 ? 0 : Math.ceil((excess * windowMs) / burst);
  }

  /** An attempt begins. It counts as a failure until it is {@link forgive}n, so that many at once do. */
  charge(address: string): void {
    this.#set(networkOf(address), 1);
  }

  /** The attempt was none that failed. */
  forgive(address: string): void {
    this.#set(networkOf(address), -1);
  }

  #set(network: string, change: number): void {
    const failures = Math.max(0, this.#failures(network) + change);
    this.#buckets.delete(network);
    if (failures === 0) return;
    this.#buckets.set(network, { failures, atMs: this.#clock.nowMs() });
    if (this.#buckets.size <= this.#limits.maxAddresses) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }

  #failures(network: string): number {
    const bucket = this.#buckets.get(network);
    if (bucket === undefined) return 0;
    const { burst, windowMs } = this.#limits;
    const drained = ((this.#clock.nowMs() - bucket.atMs) * burst) / windowMs;
    return Math.max(0, bucket.failures - Math.max(0, drained));
  }
}

/**
 * Who counts as one: an IPv4 address, or the 64 bits of an IPv6 address that one subscriber is given
 * (RFC 6177), who could otherwise come with a new one each time.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').length;
  const whole = [...groups, ...Array<string>(missing).fill('0'), ...(tail ?? '').split(':')];
  return `${whole
    .slice(0, 4)
    .map((group) => Number.parseInt(group || '0', 16).toString(16))
    .join(':')}::/64`;
}
