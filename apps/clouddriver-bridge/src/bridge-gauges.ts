/** What is read of a bridge at each scrape. Labels carry names of accounts, never of objects. */
import { Gauge, type Registry } from 'prom-client';
import { type AccountApiState } from './account-status.ts';
import { type TunnelCounts } from './gateway/tunnels.ts';

/** Reasons that there are, so that dashboards see a 0: of objects, and of rows. */
const deadLetterReasons = ['invalidJson', 'missingField', 'otherKind', 'notRead', 'refused'];

const accountStates: Readonly<Record<AccountApiState, true>> = {
  connecting: true,
  syncing: true,
  synced: true,
  stale: true,
  disconnected: true,
  rejected: true,
};

/** Where it is read from. */
export interface BridgeGauges {
  /** Open links. */
  links(): number;
  /** Bridges that share the database. */
  replicas(): { readonly alive: number; readonly silent: number };
  /** The state of each account, but those that another bridge feeds. */
  accounts(): ReadonlyMap<string, AccountApiState>;
  /** Objects stored of each of these accounts, where that is known. */
  objects(): ReadonlyMap<string, number>;
  /** Feeds of each account that is fed here, by state. */
  feeds(): ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** How far each fed account is behind, ms. */
  lagMs(): ReadonlyMap<string, number>;
  /** Tunnels to agents by what they do. */
  tunnels(): TunnelCounts;
  /** Bytes that came from agents and are not committed, and how many that may be. */
  heldBytes(): { readonly held: number; readonly limit: number };
  /** Bytes kept of answers of discovery, and remembered of changes. */
  rememberedBytes(): { readonly discovery: number; readonly changes: number };
  /** Dead letters in the database by reason, over all accounts and bridges. Never rejects. */
  deadLetters(): Promise<ReadonlyMap<string, number>>;
}

/** One value of a gauge. */
type Sample<L extends string> = readonly [labels: Partial<Record<L, string>>, value: number];

/** A gauge as it is read: all its values anew at each scrape, so that nothing old stays. */
interface ReadGauge<L extends string> {
  /** After `fairlead_bridge_`. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly L[];
  readonly read: () => readonly Sample<L>[] | Promise<readonly Sample<L>[]>;
}

/** Registers everything. */
export function registerBridgeGauges(registry: Registry, gauges: BridgeGauges): void {
  for (const gauge of [...accountGauges(gauges), ...bridgeGauges(gauges)]) {
    register(registry, gauge);
  }
}

function accountGauges(gauges: BridgeGauges): readonly ReadGauge<string>[] {
  return [
    {
      name: 'accounts',
      help: 'Accounts by state, but those that another bridge feeds.',
      labels: ['state'],
      read: () => countStates([...gauges.accounts().values()]),
    },
    {
      name: 'account_state',
      help: '1 for the state that an account is in; those that another bridge feeds are told there.',
      labels: ['account', 'state'],
      read: () => [...gauges.accounts()].map(([account, state]) => [{ account, state }, 1]),
    },
    {
      name: 'objects',
      help: 'Objects stored of each account, but those that another bridge feeds.',
      labels: ['account'],
      read: () => [...gauges.objects()].map(([account, objects]) => [{ account }, objects]),
    },
    {
      name: 'feeds',
      help: 'Feeds of each account that is fed here, by state.',
      labels: ['account', 'state'],
      read: () =>
        [...gauges.feeds()].flatMap(([account, states]) =>
          [...states].map(([state, feeds]) => [{ account, state }, feeds] as const),
        ),
    },
    {
      name: 'feed_lag_seconds',
      help: 'How far the slowest feed of each account is behind.',
      labels: ['account'],
      read: () => [...gauges.lagMs()].map(([account, lagMs]) => [{ account }, lagMs / 1000]),
    },
  ];
}

function bridgeGauges(gauges: BridgeGauges): readonly ReadGauge<string>[] {
  return [
    { name: 'links', help: 'Open links.', labels: [], read: () => [[{}, gauges.links()]] },
    {
      name: 'replicas',
      help: 'Bridges in the database: alive, this one too, or silent since the last looks.',
      labels: ['state'],
      read: () => samplesOf('state', gauges.replicas()),
    },
    {
      name: 'dead_letters',
      help: 'Objects put aside, since they cannot become a row or be stored; as the database has them.',
      labels: ['reason'],
      read: async () => readDeadLetters(await gauges.deadLetters()),
    },
    {
      name: 'tunnels',
      help: 'Tunnels to agents: busy with a request, or idle and ready for one.',
      labels: ['state'],
      read: () => {
        const { busy, idle } = gauges.tunnels();
        return samplesOf('state', { busy, idle });
      },
    },
    {
      name: 'remembered_bytes',
      help: 'Bytes kept to answer for clusters: of discovery, and of changes for readers of the cache.',
      labels: ['of'],
      read: () => samplesOf('of', gauges.rememberedBytes()),
    },
    {
      name: 'held_bytes',
      help: 'Bytes received from agents and not yet committed, before compression.',
      labels: [],
      read: () => [[{}, gauges.heldBytes().held]],
    },
    {
      name: 'held_limit_bytes',
      help: 'The most that held_bytes may be.',
      labels: [],
      read: () => [[{}, gauges.heldBytes().limit]],
    },
  ];
}

function register(registry: Registry, { name, help, labels, read }: ReadGauge<string>): void {
  new Gauge({
    name: `fairlead_bridge_${name}`,
    help,
    labelNames: labels,
    registers: [registry],
    async collect() {
      const samples = await read();
      this.reset();
      for (const [values, value] of samples) this.set(values, value);
    },
  });
}

/** Every state, so that dashboards see a 0. */
function countStates(states: readonly AccountApiState[]): readonly Sample<string>[] {
  return Object.keys(accountStates).map((state) => [
    { state },
    states.filter((each) => each === state).length,
  ]);
}

function readDeadLetters(counts: ReadonlyMap<string, number>): readonly Sample<string>[] {
  const all = new Map([...deadLetterReasons.map((reason) => [reason, 0] as const), ...counts]);
  return [...all].map(([reason, count]) => [{ reason }, count]);
}

function samplesOf(
  label: string,
  values: Readonly<Record<string, number>>,
): readonly Sample<string>[] {
  return Object.entries(values).map(([name, value]) => [{ [label]: name }, value]);
}
