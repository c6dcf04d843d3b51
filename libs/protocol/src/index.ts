/** The wire contract between agent and bridge; `proto/fairlead/v1/link.proto` tells the story. */
export {
  LinkServiceClient,
  LinkServiceService,
  AgentMessage,
  BridgeMessage,
  Capability,
  RefusalCode,
} from './gen/fairlead/v1/link.ts';
export type {
  Drain,
  Goodbye,
  Heartbeat,
  Hello,
  LinkServiceServer,
  Reconnect,
  Refused,
  Welcome,
} from './gen/fairlead/v1/link.ts';
export { RejectionCode } from './gen/fairlead/v1/account.ts';
export type {
  AccountAccepted,
  AccountRejected,
  AccountRevoked,
  AccountStandby,
  ClusterIdentity,
  Credit,
  FeedCheckpoint,
  RegisterAccount,
  UnregisterAccount,
} from './gen/fairlead/v1/account.ts';
export { Codec, FeedState } from './gen/fairlead/v1/feed.ts';
export type {
  Ack,
  BatchPart,
  Checkpoints,
  FeedStatus,
  FeedView,
  OpenFeed,
  QuietFeed,
  RetireFeed,
} from './gen/fairlead/v1/feed.ts';
export {
  AgentTunnelMessage,
  BridgeTunnelMessage,
  ExchangeFailureCode,
} from './gen/fairlead/v1/tunnel.ts';
export {
  PeerServiceClient,
  PeerServiceService,
  TunnelServiceClient,
  TunnelServiceService,
} from './tunnel-service.ts';
export type {
  ExchangeFailure,
  NeedTunnels,
  PeerServiceServer,
  RequestHead,
  ResponseHead,
  TunnelHello,
  TunnelServiceServer,
} from './gen/fairlead/v1/tunnel.ts';
export type { FeedDigest, KnownObjects, RelistFeed, VerifyFeed } from './gen/fairlead/v1/verify.ts';
export { createBatchCompressor } from './batch-compressor.ts';
export type { BatchCompressor } from './batch-compressor.ts';
export { BufferPool } from './buffer-pool.ts';
export { DeltaBatchEncoder, decodeDeltaBatch } from './delta-batch.ts';
export type { DeltaRecord, DeltaStretches, DeltaType } from './delta-batch.ts';
export {
  codecFromWire,
  codecToWire,
  compressBatch,
  decompressBatch,
  supportedCodecs,
} from './compression.ts';
export type { CodecName, CompressedBatch } from './compression.ts';
export {
  PartAssembler,
  batchToParts,
  packBatch,
  splitIntoParts,
  unpackBatch,
} from './batch-parts.ts';
export type { PackedBatch, TravellingBatch } from './batch-parts.ts';
export {
  capabilities,
  negotiateCodec,
  negotiateProtocolVersion,
  protocolVersions,
} from './negotiation.ts';
export type { NegotiatedVersion } from './negotiation.ts';
export {
  batchLimits,
  checkpointCreditBytes,
  heartbeatMs,
  maxMessageBytes,
  maxPartBytes,
  maxPropertiesBytes,
  missedHeartbeats,
  targetBatchBytes,
  targetBatchRecords,
} from './limits.ts';
export type { BatchLimits } from './limits.ts';
export { hashObjectVersion, versionHashBytes } from './object-version.ts';
export type { ObjectVersion, VersionHash } from './object-version.ts';
export {
  VersionDigest,
  digestBucketsFor,
  isBucketCount,
  maxDigestBuckets,
} from './version-digest.ts';
export {
  VersionSet,
  VersionSetEncoder,
  compareVersionHashes,
  encodeVersionSet,
  maxKnownObjects,
  placesIn,
} from './version-set.ts';
export { linkClientOptions, linkServerOptions } from './link-channel.ts';
export { ProtocolError } from './protocol-error.ts';
export type { ProtocolErrorCode } from './protocol-error.ts';
