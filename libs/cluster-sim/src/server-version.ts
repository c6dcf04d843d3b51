// What a Kubernetes version says of itself, and what servers of it do not have yet.
import { type DiscoveryVersion } from './accept-header.ts';
import { type JsonObject } from './json-value.ts';

/** How a server answers `sendInitialEvents`. */
export type StreamingLists =
  /** Served. */
  | 'served'
  /** Refused: known, and behind a feature gate that is off (from v1.27). */
  | 'gated'
  /** Not known: the parameter is ignored, and a resourceVersionMatch in a watch is refused. */
  | 'unknown';

/** The document of `/version`. */
export function versionDocument(gitVersion: string): JsonObject {
  const [, major = '1', minor = '34'] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  return {
    major,
    minor,
    gitVersion,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '2025-01-01T00:00:00Z',
    goVersion: 'go1.24',
    compiler: 'gc',
    platform: 'linux/amd64',
  };
}

/** Aggregated discovery: v2beta1 served by default from v1.27 (alpha before), v2 from v1.30. */
export function discoveryVersionsOf(gitVersion: string): readonly DiscoveryVersion[] {
  const minor = minorOf(gitVersion);
  if (minor < 27) return [];
  return minor < 30 ? ['v2beta1'] : ['v2', 'v2beta1'];
}

/** Streaming lists came, gated, with v1.27 (KEP 3157). */
export function streamingListsOf(
  gitVersion: string,
  offersStreamingLists: boolean,
): StreamingLists {
  if (minorOf(gitVersion) < 27) return 'unknown';
  return offersStreamingLists ? 'served' : 'gated';
}

function minorOf(gitVersion: string): number {
  return Number(/^v\d+\.(\d+)/.exec(gitVersion)?.[1] ?? 34);
}
