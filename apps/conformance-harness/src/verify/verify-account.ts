// Verifies an account: lists the cluster, then what the bridge has stored, kind by kind, and looks
// again at whatever differs, since a live cluster moves between two lists.
import {
  type AccountScope,
  isInScope,
  scopeOfAccount,
  type ServedType,
  storedKindOf,
  typesInScope,
} from './account-scope.ts';
import { type BridgeObjects, type StoredItem } from './bridge-objects-client.ts';
import { type ClusterObjects } from './cluster-objects-client.ts';
import { compareObject, KindComparison, nameOfObject, type Suspect } from './compare-objects.ts';
import { type JsonObject } from './exact-json.ts';
import { type Finding, type Verdict } from './verdict.ts';
import { VerifyError } from './verify-error.ts';

/** The passing of time. */
export interface Clock {
  /** Milliseconds since some moment. */
  nowMs(): number;
  /** Settles after `ms`. */
  sleep(ms: number): Promise<void>;
}

/** What a verification is made of. */
export interface VerifyParts {
  /** The truth. */
  readonly cluster: Pick<ClusterObjects, 'types' | 'eachObject' | 'object'>;
  /** What is to be proved. */
  readonly bridge: Pick<BridgeObjects, 'account' | 'eachStored' | 'manifest'>;
  /** Time. */
  readonly clock: Clock;
}

/** How to verify. */
export interface VerifyOptions {
  /** Kinds to compare instead of those that the account declares. @defaultValue [] */
  readonly kinds?: readonly string[];
  /**
   * How long something that differs may take to come right, in milliseconds; it is looked at twice
   * at least. @defaultValue 2000: the promise for the time from a change to its row
   */
  readonly settleMs?: number;
}

/** Between two looks at the same object: a few times the usual time from change to row. */
const LOOK_AGAIN_MS = 100;
/** Objects looked at again at the same time. */
const CONCURRENT_LOOKS = 16;

interface Doubt extends Suspect {
  readonly type: ServedType;
  /** The kind as the bridge spells it. */
  readonly storedKind: string;
}

/**
 * Verifies one account.
 *
 * @throws VerifyError when it cannot be done
 */
export async function verifyAccount(
  parts: VerifyParts,
  options: VerifyOptions = {},
): Promise<Verdict> {
  const scope = scopeOfAccount(await parts.bridge.account(), options.kinds ?? []);
  if (scope.kinds.length === 0) {
    throw new VerifyError('account', 'the account declares no kinds: there is nothing to compare');
  }
  const types = typesInScope(await parts.cluster.types(), scope);
  const stored = await storedKinds(parts, types);
  const doubts: Doubt[] = [];
  const leaks: Finding[] = [];
  let objects = 0;
  for (const type of types) {
    const storedKind = stored.spelling.get(storedKindOf(type)) ?? storedKindOf(type);
    const comparison = await compareKind(parts, { type, storedKind, scope });
    objects += comparison.objects;
    leaks.push(...comparison.leaks);
    doubts.push(...comparison.suspects().map((suspect) => ({ ...suspect, type, storedKind })));
  }
  const lasting = await settle(parts, doubts, { scope, settleMs: options.settleMs ?? 2000 });
  return { objects, types: types.length, findings: [...lasting, ...stored.ofNoType, ...leaks] };
}

/** How the bridge spells each kind, and what it holds of kinds that it should not hold at all. */
async function storedKinds(
  { bridge }: VerifyParts,
  types: readonly ServedType[],
): Promise<{ spelling: ReadonlyMap<string, string>; ofNoType: readonly Finding[] }> {
  const known = new Set(types.map(storedKindOf));
  const spelling = new Map<string, string>();
  const ofNoType: Finding[] = [];
  await bridge.eachStored({}, (items) => {
    for (const item of items) {
      const kind = normalisedKind(item);
      if (known.has(kind)) spelling.set(kind, item.kind);
      else ofNoType.push({ kind: 'extra', object: nameOfObject(item, item), detail: '' });
    }
  });
  return { spelling, ofNoType };
}

/** The group stands in the kind or, where the bridge gives the bare kind, in the apiVersion. */
function normalisedKind({ kind, apiVersion }: StoredItem): string {
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const suffix = `.${group.toLowerCase()}`;
  const lower = kind.toLowerCase();
  const bare = group !== '' && lower.endsWith(suffix) ? lower.slice(0, -suffix.length) : lower;
  return storedKindOf({ group, kind: bare });
}

async function compareKind(
  { cluster, bridge }: VerifyParts,
  of: { type: ServedType; storedKind: string; scope: AccountScope },
): Promise<KindComparison> {
  const comparison = new KindComparison(of.type);
  await cluster.eachObject(of.type, (objects) => {
    for (const object of objects) {
      if (isInScope(of.type, object, of.scope)) comparison.addCluster(object);
    }
  });
  await bridge.eachStored({ kind: of.storedKind, include: 'manifest' }, (items) => {
    for (const item of items) {
      // The bridge may understand a kind more broadly than this type.
      if (normalisedKind(item) !== storedKindOf(of.type)) continue;
      if (item.manifest === undefined) {
        throw new VerifyError('bridge', 'the bridge lists objects without their manifests');
      }
      comparison.addStored(item, item.manifest);
    }
  });
  return comparison;
}

/** Looks again at what differs, until it agrees or has had its time. */
async function settle(
  parts: VerifyParts,
  doubts: readonly Doubt[],
  options: { scope: AccountScope; settleMs: number },
): Promise<readonly Finding[]> {
  const { clock } = parts;
  const startMs = clock.nowMs();
  let open = doubts;
  let findings: readonly Finding[] = [];
  for (let looks = 1; open.length > 0; looks++) {
    const outcomes = await lookAgain(parts, open, options.scope);
    open = open.filter((_, index) => outcomes[index] !== undefined);
    findings = outcomes.filter((outcome) => outcome !== undefined);
    if (looks >= 2 && clock.nowMs() - startMs >= options.settleMs) break;
    if (open.length > 0) await clock.sleep(LOOK_AGAIN_MS);
  }
  return findings;
}

async function lookAgain(
  parts: VerifyParts,
  doubts: readonly Doubt[],
  scope: AccountScope,
): Promise<readonly (Finding | undefined)[]> {
  const outcomes: (Finding | undefined)[] = [];
  for (let start = 0; start < doubts.length; start += CONCURRENT_LOOKS) {
    const batch = doubts.slice(start, start + CONCURRENT_LOOKS);
    outcomes.push(...(await Promise.all(batch.map((doubt) => lookAt(parts, doubt, scope)))));
  }
  return outcomes;
}

/** Reads the object on both sides, the cluster before and after: either may be what is stored. */
async function lookAt(
  { cluster, bridge }: VerifyParts,
  doubt: Doubt,
  scope: AccountScope,
): Promise<Finding | undefined> {
  const { type, storedKind: kind, namespace, name } = doubt;
  const readCluster = async (): Promise<JsonObject | undefined> => {
    const object = await cluster.object(type, { namespace, name });
    return object !== undefined && isInScope(type, object, scope) ? object : undefined;
  };
  const before = await readCluster();
  const stored = await bridge.manifest({ kind, namespace, name });
  if (compareObject(type, before, stored) === undefined) return undefined;
  const found = compareObject(type, await readCluster(), stored);
  return found === undefined ? undefined : { ...found, object: nameOfObject(type, doubt) };
}
