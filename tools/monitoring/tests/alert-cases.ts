/**
 * For every alert: series with which it fires, and series of the same metrics with which it does not.
 * Values are in promtool's notation: `0+60x15` is 0, 60, ..., 900, one a minute.
 */

/** Series with their values, one a minute. */
export type SeriesValues = Readonly<Record<string, string>>;

/** What an alert is tried with. */
export interface AlertCase {
  readonly alert: string;
  /** With these it fires at `firesAt`, and not yet at `quietAt`. */
  readonly trouble: SeriesValues;
  /** With these it does not fire at `firesAt`. */
  readonly well: SeriesValues;
  /** Time since the first value. */
  readonly firesAt: string;
  /** The trouble is there and has not lasted. @defaultValue not tried: the alert fires at once */
  readonly quietAt?: string;
  /** Labels of the alert beside its name and severity. */
  readonly labels: Readonly<Record<string, string>>;
  /** What stands in its texts for `$value`. @defaultValue nothing does */
  readonly shown?: string;
}

const place = { namespace: 'spinnaker' };
const bridge = { ...place, job: 'bridge', instance: 'b-1' };
const agent = { ...place, job: 'agent', instance: 'a-1' };
const account = { ...place, account: 'prod' };

function series(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return `${name}{${pairs.join(',')}}`;
}

const ofBridge = (name: string, labels: Readonly<Record<string, string>> = {}) =>
  series(`fairlead_bridge_${name}`, { ...bridge, ...labels });
const ofAgent = (name: string, labels: Readonly<Record<string, string>> = {}) =>
  series(`fairlead_agent_${name}`, { ...agent, ...labels });
const accountState = (state: string) => ofBridge('account_state', { account: 'prod', state });
const lag = ofBridge('feed_lag_seconds', { account: 'prod' });
const retries = ofBridge('sql_retries_total', { reason: 'deadlock' });
const buckets = (name: string, fast: string, slow: string, labels = {}): SeriesValues => ({
  [ofBridge(`${name}_bucket`, { ...labels, le: '0.1' })]: fast,
  [ofBridge(`${name}_bucket`, { ...labels, le: '5' })]: slow,
  [ofBridge(`${name}_bucket`, { ...labels, le: '+Inf' })]: slow,
});
const info = (program: string, labels: Readonly<Record<string, string>>) =>
  series('fairlead_build_info', { program, version: '1.0.0', ...labels });
const ofProcess = (name: string) => series(name, { program: 'fairlead-agent', ...agent });
const ofOther = (name: string) => series(name, { program: 'another', ...agent });

/** One for each alert. */
export const alertCases: readonly AlertCase[] = [
  {
    alert: 'FairleadAccountDisconnected',
    trouble: { [accountState('disconnected')]: '1x10' },
    well: { [accountState('synced')]: '1x10' },
    ...{ quietAt: '1m', firesAt: '3m', labels: account },
  },
  {
    alert: 'FairleadAccountStale',
    trouble: { [accountState('stale')]: '1x10' },
    well: { [accountState('synced')]: '1x10' },
    ...{ quietAt: '4m', firesAt: '6m', labels: account },
  },
  {
    alert: 'FairleadAccountNotSynced',
    // One state after the other is still not synced.
    trouble: {
      [accountState('connecting')]: '1x15 _x30',
      [accountState('syncing')]: '_x16 1x29',
    },
    well: { [accountState('syncing')]: '1x20 _x30', [accountState('synced')]: '_x21 1x30' },
    ...{ quietAt: '29m', firesAt: '31m', labels: account },
  },
  {
    alert: 'FairleadAccountRejected',
    trouble: { [accountState('rejected')]: '1x10' },
    well: { [accountState('synced')]: '1x10' },
    ...{ quietAt: '4m', firesAt: '6m', labels: account },
  },
  {
    alert: 'FairleadAccountRemoved',
    trouble: { [accountState('disconnected')]: '1x10 stale', [ofBridge('links')]: '1x60' },
    // No bridge is left that could know the account.
    well: { [accountState('synced')]: '1x10 stale', [ofBridge('links')]: '1x10 stale' },
    ...{ quietAt: '14m', firesAt: '17m', labels: account },
  },
  {
    alert: 'FairleadFeedLagHigh',
    trouble: { [lag]: '31x10', [accountState('synced')]: '1x10' },
    // The age of rows of an account that is not synced has alerts of its own.
    well: { [lag]: '3000x10', [accountState('stale')]: '1x10' },
    ...{ quietAt: '4m', firesAt: '6m', labels: account, shown: '31s' },
  },
  {
    alert: 'FairleadFeedsForbidden',
    trouble: { [ofBridge('feeds', { account: 'prod', state: 'forbidden' })]: '2x20' },
    well: { [ofBridge('feeds', { account: 'prod', state: 'watching' })]: '40x20' },
    ...{ quietAt: '14m', firesAt: '16m', labels: account, shown: '2' },
  },
  {
    alert: 'FairleadDeltasDropped',
    trouble: { [ofBridge('deltas_dropped_total')]: '0 3x5' },
    well: { [ofBridge('deltas_dropped_total')]: '0x5' },
    ...{ firesAt: '1m', labels: place, shown: '3' },
  },
  {
    alert: 'FairleadDeadLetters',
    trouble: { [ofBridge('dead_letters', { reason: 'refused' })]: '4x10' },
    well: { [ofBridge('dead_letters', { reason: 'refused' })]: '0x10' },
    ...{ quietAt: '4m', firesAt: '6m', labels: { ...place, reason: 'refused' }, shown: '4' },
  },
  {
    alert: 'FairleadDeadLettersNotKept',
    trouble: { [ofBridge('dead_letters_not_kept_total')]: '0 0 1x10' },
    well: { [ofBridge('dead_letters_not_kept_total')]: '7x10' },
    ...{ firesAt: '5m', labels: place },
  },
  {
    alert: 'FairleadRowsRepaired',
    trouble: { [ofBridge('repaired_rows_total', { result: 'deleted' })]: '0+1x60' },
    well: { [ofBridge('repaired_rows_total', { result: 'deleted' })]: '60x60' },
    ...{ firesAt: '60m', labels: { ...place, result: 'deleted' }, shown: '60' },
  },
  {
    alert: 'FairleadDeltaLatencyHigh',
    trouble: buckets('delta_latency_seconds', '0+0x20', '0+100x20'),
    well: buckets('delta_latency_seconds', '0+100x20', '0+100x20'),
    ...{ quietAt: '9m', firesAt: '12m', labels: place, shown: '4.951s' },
  },
  {
    alert: 'FairleadFencedWrites',
    trouble: { [ofBridge('fenced_writes_total')]: '0+1x20' },
    well: { [ofBridge('fenced_writes_total')]: '0 5x20' },
    ...{ quietAt: '4m', firesAt: '15m', labels: place, shown: '15' },
  },
  {
    alert: 'FairleadDatabaseRetries',
    trouble: { [retries]: '0+60x20' },
    well: { [retries]: '0+6x20' },
    ...{ quietAt: '5m', firesAt: '8m', labels: { ...place, reason: 'deadlock' }, shown: '1' },
  },
  {
    alert: 'FairleadDatabaseSlow',
    trouble: buckets('sql_seconds', '0+0x20', '0+100x20', { statement: 'commit' }),
    // Another statement is no transaction.
    well: buckets('sql_seconds', '0+0x20', '0+100x20', { statement: 'sweep' }),
    ...{ quietAt: '9m', firesAt: '12m', labels: place, shown: '4.951s' },
  },
  {
    alert: 'FairleadBridgeBudgetFull',
    trouble: { [ofBridge('held_bytes')]: '95x15', [ofBridge('held_limit_bytes')]: '100x15' },
    well: { [ofBridge('held_bytes')]: '90x15', [ofBridge('held_limit_bytes')]: '100x15' },
    ...{ quietAt: '9m', firesAt: '11m', labels: bridge, shown: '95%' },
  },
  {
    alert: 'FairleadGatewayErrors',
    trouble: {
      [ofBridge('gateway_requests_total', { code: '503' })]: '0+10x20',
      [ofBridge('gateway_requests_total', { code: '200' })]: '0+90x20',
    },
    well: {
      [ofBridge('gateway_requests_total', { code: '404' })]: '0+90x20',
      [ofBridge('gateway_requests_total', { code: '503' })]: '0x20',
    },
    ...{ quietAt: '9m', firesAt: '12m', labels: place, shown: '10%' },
  },
  {
    alert: 'FairleadConnectionsRefused',
    trouble: {
      [ofBridge('refused_connections_total', { door: 'agents', reason: 'unknown' })]: '0+60x40',
    },
    well: {
      [ofBridge('refused_connections_total', { door: 'agents', reason: 'unknown' })]: '0+3x40',
    },
    labels: { ...place, door: 'agents', reason: 'unknown' },
    ...{ quietAt: '14m', firesAt: '20m' },
  },
  {
    alert: 'FairleadBridgeAbsent',
    trouble: { [info('fairlead-agent', agent)]: '1x10' },
    well: { [info('fairlead-bridge', bridge)]: '1x10' },
    ...{ quietAt: '4m', firesAt: '6m', labels: { program: 'fairlead-bridge' } },
  },
  {
    alert: 'FairleadBridgeDown',
    trouble: {
      [series('up', bridge)]: '1x5 0x20',
      [info('fairlead-bridge', bridge)]: '1x5 stale',
    },
    // Somebody else's process.
    well: {
      [series('up', { ...place, job: 'other', instance: 'b-1' })]: '1x5 0x20',
      [info('fairlead-bridge', bridge)]: '1x25',
    },
    ...{ quietAt: '7m', firesAt: '9m', labels: bridge },
  },
  {
    alert: 'FairleadBridgeSilent',
    trouble: { [ofBridge('replicas', { state: 'silent' })]: '1x10' },
    well: {
      [ofBridge('replicas', { state: 'silent' })]: '0x10',
      [ofBridge('replicas', { state: 'alive' })]: '2x10',
    },
    ...{ quietAt: '1m', firesAt: '3m', labels: place, shown: '1' },
  },
  {
    alert: 'FairleadAgentDown',
    trouble: { [series('up', agent)]: '1x5 0x20', [info('fairlead-agent', agent)]: '1x5 stale' },
    well: { [series('up', bridge)]: '0x25', [info('fairlead-agent', agent)]: '1x25' },
    ...{ quietAt: '7m', firesAt: '9m', labels: agent },
  },
  {
    alert: 'FairleadAgentLinkDown',
    trouble: { [ofAgent('link_up')]: '1 0x10' },
    well: { [ofAgent('link_up')]: '1x10' },
    ...{ quietAt: '2m', firesAt: '4m', labels: agent },
  },
  {
    alert: 'FairleadAgentLinkUnsteady',
    trouble: { [ofAgent('link_failures_total', { phase: 'open' })]: '0+1x40' },
    // Attempts that fail while there is no link are no losses of one.
    well: { [ofAgent('link_failures_total', { phase: 'connecting' })]: '0+4x40' },
    labels: { ...agent, phase: 'open' },
    ...{ quietAt: '4m', firesAt: '30m', shown: '30' },
  },
  {
    alert: 'FairleadAgentAccountsWaiting',
    trouble: { [ofAgent('accounts', { state: 'identifying' })]: '3x15' },
    well: {
      [ofAgent('accounts', { state: 'identifying' })]: '0x15',
      [ofAgent('accounts', { state: 'standby' })]: '3x15',
    },
    labels: { ...agent, state: 'identifying' },
    ...{ quietAt: '9m', firesAt: '11m', shown: '3' },
  },
  {
    alert: 'FairleadAgentConfigInvalid',
    trouble: { [ofAgent('config_valid')]: '0x5' },
    well: { [ofAgent('config_valid')]: '1x5' },
    ...{ quietAt: '0s', firesAt: '2m', labels: agent },
  },
  {
    alert: 'FairleadAgentRelists',
    trouble: { [ofAgent('relists_total', { reason: 'silentWatches' })]: '0+30x40' },
    well: { [ofAgent('relists_total', { reason: 'silentWatches' })]: '0+1x40' },
    labels: { ...agent, reason: 'silentWatches' },
    ...{ quietAt: '14m', firesAt: '20m' },
  },
  {
    alert: 'FairleadAgentObjectsLeftOut',
    trouble: {
      [ofAgent('oversized_objects_total')]: '0 0 1x10',
      [ofAgent('unscannable_objects_total')]: '0x12',
    },
    well: {
      [ofAgent('oversized_objects_total')]: '5x12',
      [ofAgent('unscannable_objects_total')]: '0x12',
    },
    ...{ firesAt: '5m', labels: agent },
  },
  {
    alert: 'FairleadAgentBudgetFull',
    trouble: {
      [ofAgent('in_flight_bytes')]: '95x15',
      [ofAgent('in_flight_limit_bytes')]: '100x15',
    },
    well: { [ofAgent('in_flight_bytes')]: '90x15', [ofAgent('in_flight_limit_bytes')]: '100x15' },
    ...{ quietAt: '9m', firesAt: '11m', labels: agent, shown: '95%' },
  },
  {
    alert: 'FairleadMemoryNearLimit',
    trouble: {
      [ofProcess('process_resident_memory_bytes')]: '95x15',
      [ofProcess('process_memory_limit_bytes')]: '100x15',
    },
    well: {
      [ofOther('process_resident_memory_bytes')]: '95x15',
      [ofOther('process_memory_limit_bytes')]: '100x15',
    },
    labels: { ...agent, program: 'fairlead-agent' },
    ...{ quietAt: '9m', firesAt: '11m', shown: '95%' },
  },
  {
    alert: 'FairleadEventLoopLag',
    trouble: { [ofProcess('nodejs_eventloop_lag_p99_seconds')]: '0.5x15' },
    well: { [ofProcess('nodejs_eventloop_lag_p99_seconds')]: '0.05x15' },
    labels: { ...agent, program: 'fairlead-agent' },
    ...{ quietAt: '9m', firesAt: '11m', shown: '500ms' },
  },
];
