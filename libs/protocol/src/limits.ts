/**
 * How large things on a link may be, and where each number comes from. The bridge tells an agent
 * the ones that it may configure in `Welcome`; the rest is fixed by the version of the protocol.
 */

/** Bounds of one batch of deltas, for the encoder's user and for the decoder. */
export interface BatchLimits {
  /** Largest batch in bytes, before compression. */
  readonly maxBatchBytes: number;
  /** Most deltas in one batch. */
  readonly maxRecords: number;
  /** Longest of a delta's strings (resourceVersion, namespace, name, uid), in bytes of UTF-8. */
  readonly maxStringBytes: number;
  /** Largest object in bytes. */
  readonly maxObjectBytes: number;
}

/** One mebibyte. */
const mebibyte = 1024 * 1024;

/**
 * The bounds of version 1.
 * - objects: etcd takes requests of 1.5 MiB by default (`--max-request-bytes`); aggregated APIs have
 *   no such bound, so ten times that.
 * - batches: room for one largest object with everything around it.
 * - records: a batch of the smallest deltas (checkpoints) still decodes within milliseconds.
 * - strings: Kubernetes names end at 253 bytes (RFC 1123 subdomain); resourceVersions are opaque.
 */
export const batchLimits: BatchLimits = Object.freeze({
  maxBatchBytes: 20 * mebibyte,
  maxRecords: 65_536,
  maxStringBytes: 1024,
  maxObjectBytes: 16 * mebibyte,
});

/**
 * Largest encoded message in bytes: what grpc-js receives unless told otherwise
 * (`grpc.max_receive_message_length`, 4 MiB), as do most gRPC proxies.
 */
export const maxMessageBytes = 4 * mebibyte;

/**
 * Largest piece of a batch in bytes. Far below {@link maxMessageBytes}, so that one large object of
 * one feed does not keep the pieces of other feeds waiting.
 */
export const maxPartBytes = mebibyte;

/**
 * Where a sender under load should close a batch, in bytes before compression. Measured: from 64
 * deltas (about 170 kB of pods) a batch costs the same per delta, larger ones only add latency.
 */
export const targetBatchBytes = 512 * 1024;

/** Where a sender under load should close a batch, in deltas; see {@link targetBatchBytes}. */
export const targetBatchRecords = 512;

/** What a feed in `Checkpoints` costs of its account's credits, in bytes: about what it takes here. */
export const checkpointCreditBytes = 64;

/** How often both sides send a heartbeat, in ms: three missed ones still notice within 90 s. */
export const heartbeatMs = 20_000;

/** After this many heartbeat intervals without any message, a link is dead. */
export const missedHeartbeats = 3;

/** Largest properties of an account, in bytes of JSON. */
export const maxPropertiesBytes = 64 * 1024;
