/** Accounts one by one, and the way of their changes from the cluster to the commit. */
import { lines, type Panel } from './panel.ts';
import { byReason, of, ofAccounts, perSecond, quantiles } from './selectors.ts';

const accounts = 'fairlead_bridge_accounts';
const state = 'fairlead_bridge_account_state';
const lag = 'fairlead_bridge_feed_lag_seconds';

/** Of a table: one line for each account, one column for each query. */
const table: Panel = {
  type: 'table',
  title: 'Accounts',
  description:
    'Each account with its state, objects, feeds and lag in seconds, as the bridge that feeds it tells.',
  unit: 'short',
  width: 16,
  queries: [
    { legend: 'state', expr: `max by (account, state) (${ofAccounts(state)})` },
    {
      legend: 'objects',
      expr: `max by (account) (${ofAccounts('fairlead_bridge_objects')})`,
    },
    { legend: 'feeds', expr: `sum by (account) (${ofAccounts('fairlead_bridge_feeds')})` },
    { legend: 'lag', expr: `max by (account) (${ofAccounts(lag)})` },
  ],
  transformations: [
    { id: 'joinByField', options: { byField: 'account', mode: 'outer' } },
    {
      id: 'organize',
      options: {
        excludeByName: {
          ...{ Time: true, 'Time 1': true, 'Time 2': true, 'Time 3': true, 'Time 4': true },
          'Value #A': true,
        },
        renameByName: { 'Value #B': 'objects', 'Value #C': 'feeds', 'Value #D': 'lag' },
      },
    },
  ],
  overrides: [
    {
      matcher: { id: 'byName', options: 'lag' },
      properties: [
        { id: 'unit', value: 's' },
        { id: 'decimals', value: 2 },
      ],
    },
  ],
};

/** Which accounts, in which state, how far behind. */
export const accountsRow: readonly Panel[] = [
  table,
  lines('Accounts by state', {
    description:
      'Normal: all synced. What only the bridge that feeds an account tells is added up over bridges; the rest all of them tell.',
    unit: 'short',
    stacked: 'yes',
    queries: {
      '{{state}}': `sum by (state) (${of(accounts, 'state=~"syncing|synced|stale"')}) or max by (state) (${of(accounts, 'state=~"connecting|disconnected|rejected"')})`,
    },
  }),
  lines('Lag', {
    description: 'How far the slowest feed of each account is behind. Normal: below 1 s.',
    unit: 's',
    thresholds: [{ at: 30, color: 'red' }],
    queries: { '{{account}}': `max by (account) (${ofAccounts(lag)})` },
  }),
  lines('Objects', {
    description: 'Objects stored of each account.',
    unit: 'short',
    queries: { '{{account}}': `max by (account) (${ofAccounts('fairlead_bridge_objects')})` },
  }),
  lines('Feeds by state', {
    description:
      'As the bridges know them. Normal: all watching; retired and shadowed ones are not needed. forbidden: the cluster answers 403.',
    unit: 'short',
    stacked: 'yes',
    queries: { '{{state}}': `sum by (state) (${ofAccounts('fairlead_bridge_feeds')})` },
  }),
];

/** How many changes, how fast, and what became of them. */
export const flowRow: readonly Panel[] = [
  lines('From the read in the cluster to the commit', {
    description:
      'By the clocks of two machines. Normal: half of them below 10 ms, 99 of 100 below 0.1 s.',
    unit: 's',
    queries: quantiles('fairlead_bridge_delta_latency_seconds'),
  }),
  lines('Changes', {
    description:
      'Read by agents, replaced before they were sent by newer ones of the same object, and committed. Read is committed and replaced together, but for checkpoints of quiet feeds.',
    unit: 'ops',
    queries: {
      read: `sum(${perSecond(of('fairlead_agent_deltas_total'))})`,
      replaced: `sum(${perSecond(of('fairlead_agent_deltas_coalesced_total'))})`,
      committed: `sum(${perSecond(of('fairlead_bridge_deltas_committed_total'))})`,
    },
  }),
  lines('Changes by type', {
    description:
      'As agents read them. init...: parts of a list; checkpoint: only the resourceVersion moved.',
    unit: 'ops',
    queries: { '{{type}}': `sum by (type) (${perSecond(of('fairlead_agent_deltas_total'))})` },
  }),
  lines('Rows', {
    description: 'Rows of the cache by what became of them.',
    unit: 'ops',
    queries: {
      '{{result}}': `sum by (result) (${perSecond(of('fairlead_bridge_rows_written_total'))})`,
    },
  }),
  lines('Lists', {
    description:
      'Feeds that began with a list or at their checkpoint, and feeds that had to list again, all of them and by reason. Normal: none but at a start.',
    unit: 'ops',
    queries: {
      'start: {{mode}}': `sum by (mode) (${perSecond(of('fairlead_agent_feed_starts_total'))})`,
      ...byReason('fairlead_agent_relists_total', {
        by: 'reason',
        legend: 'again: {{reason}}',
        all: 'again: all',
      }),
    },
  }),
  lines('Values removed', {
    description: 'Values of Secrets, and what else must not leave, removed by the agents.',
    unit: 'ops',
    queries: { removed: `sum(${perSecond(of('fairlead_agent_scrubbed_values_total'))})` },
  }),
  lines('Dead letters', {
    description:
      'Objects put aside by reason, and those for which there was no more room. Normal: 0.',
    unit: 'short',
    queries: {
      '{{reason}}': `max by (reason) (${of('fairlead_bridge_dead_letters')})`,
      'not kept': `sum(${of('fairlead_bridge_dead_letters_not_kept_total')})`,
    },
  }),
  lines('Writes refused', {
    description:
      'Transactions that came too late, since somebody else feeds the account by now: some when an account moves. Dropped is always 0.',
    unit: 'ops',
    queries: {
      fenced: `sum(${perSecond(of('fairlead_bridge_fenced_writes_total'))})`,
      dropped: `sum(${perSecond(of('fairlead_bridge_deltas_dropped_total'))})`,
    },
  }),
  lines('Rows put right', {
    description:
      'Rows that were not what the cluster holds, found by comparing, and comparisons that failed. Normal: 0.',
    unit: 'ops',
    queries: {
      '{{result}}': `sum by (result) (${perSecond(of('fairlead_bridge_repaired_rows_total'))})`,
      'not compared': `sum(${perSecond(of('fairlead_bridge_verifications_total', 'result="failed"'))})`,
    },
  }),
];
