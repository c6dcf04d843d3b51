/** Which version and which compression two programs of different ages speak with each other. */
import { codecIfKnown, supportedCodecs, type CodecName } from './compression.ts';
import { type Codec } from './gen/fairlead/v1/feed.ts';
import { Capability } from './gen/fairlead/v1/link.ts';

/** Protocol versions that this lib speaks, best first. */
export const protocolVersions: readonly number[] = Object.freeze([1]);

/** What both programs of this release can do beyond that version. */
export const capabilities: readonly Capability[] = Object.freeze([
  Capability.ANTI_ENTROPY,
  Capability.TUNNELS,
]);

/** What came of it. */
export type NegotiatedVersion =
  /** Both speak `version`. */
  | { readonly kind: 'agreed'; readonly version: number }
  /** None in common; `message` names both sides' versions, for people. */
  | { readonly kind: 'refused'; readonly message: string };

/** The best version of `ours` (best first) that is among `theirs`, the agent's. */
export function negotiateProtocolVersion(
  theirs: readonly number[],
  ours: readonly number[] = protocolVersions,
): NegotiatedVersion {
  const version = ours.find((candidate) => theirs.includes(candidate));
  if (version !== undefined) return { kind: 'agreed', version };
  const agent = theirs.length > 0 ? theirs.slice(0, maxNamed).join(', ') : 'none';
  const message = `the agent speaks protocol version ${agent}, the bridge ${ours.join(', ')}`;
  return { kind: 'refused', message };
}

/** A stranger's list is named up to here only. */
const maxNamed = 8;

/** The first of `theirs` (the agent's, best first) that is among `ours`, else `none`. */
export function negotiateCodec(
  theirs: readonly Codec[],
  ours: readonly CodecName[] = supportedCodecs(),
): CodecName {
  const known = theirs.map(codecIfKnown);
  return known.find((codec) => codec !== undefined && ours.includes(codec)) ?? 'none';
}
