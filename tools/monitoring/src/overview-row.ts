/** The first look: is everything well? Every value that is not green leads to a row below. */
import { stat, type Panel } from './panel.ts';
import { of, ofAccounts, perSecond, quantile } from './selectors.ts';

const requests = 'fairlead_bridge_gateway_requests_total';
const failed = `sum(${perSecond(of(requests, 'code=~"5.."'))})`;
const answered = `sum(${perSecond(of(requests))})`;

/** Accounts of the states that every bridge tells, and of those that only the one that feeds tells. */
const accounts = 'fairlead_bridge_accounts';
const unfed = `sum(max by (state) (${of(accounts, 'state=~"connecting|disconnected|rejected"')}))`;
const unwell = `sum(${of(accounts, 'state=~"syncing|stale"')})`;

/** Two lines of single values. */
export const overviewRow: readonly Panel[] = [
  stat('Accounts synced', {
    description: 'Accounts that are fed, with every feed complete. Normal: all of them.',
    unit: 'short',
    expr: `sum(${of(accounts, 'state="synced"')})`,
  }),
  stat('Accounts not synced', {
    description:
      'Accounts in any other state. Normal: 0, but for minutes after an agent has begun.',
    unit: 'short',
    expr: `${unfed} + ${unwell}`,
    thresholds: [{ at: 1, color: 'red' }],
  }),
  stat('Objects', {
    description: 'Objects stored of the chosen accounts.',
    unit: 'short',
    expr: `sum(max by (account) (${ofAccounts('fairlead_bridge_objects')}))`,
  }),
  stat('Changes a second', {
    description: 'Deltas whose transaction has committed.',
    unit: 'ops',
    expr: `sum(${perSecond(of('fairlead_bridge_deltas_committed_total'))})`,
  }),
  stat('Worst lag', {
    description:
      'How long the oldest change of any chosen account waits; of an account that is not synced, the age of its rows. Normal: below 1 s.',
    unit: 's',
    expr: `max(${ofAccounts('fairlead_bridge_feed_lag_seconds')})`,
    thresholds: [
      { at: 2, color: 'yellow' },
      { at: 30, color: 'red' },
    ],
  }),
  stat('Latency, 99 of 100', {
    description: 'From the read in the cluster to the commit, by two clocks. Normal: below 0.1 s.',
    unit: 's',
    expr: quantile(0.99, 'fairlead_bridge_delta_latency_seconds'),
    thresholds: [
      { at: 0.5, color: 'yellow' },
      { at: 2, color: 'red' },
    ],
  }),
  stat('Links', {
    description: 'Agents that are connected, over all bridges.',
    unit: 'short',
    expr: `sum(${of('fairlead_bridge_links')})`,
  }),
  stat('Agents without a link', {
    description: 'Agents that Prometheus sees and that have no link to a bridge. Normal: 0.',
    unit: 'short',
    expr: `sum(1 - ${of('fairlead_agent_link_up')})`,
    thresholds: [{ at: 1, color: 'red' }],
  }),
  stat('Bridges', {
    description: 'Bridges that live, as they see each other in the database.',
    unit: 'short',
    expr: `max(${of('fairlead_bridge_replicas', 'state="alive"')})`,
  }),
  stat('Dead letters', {
    description: 'Objects that could not be stored and are put aside with their error. Normal: 0.',
    unit: 'short',
    expr: `sum(max by (reason) (${of('fairlead_bridge_dead_letters')}))`,
    thresholds: [{ at: 1, color: 'orange' }],
  }),
  stat('Changes dropped', {
    description: 'Always 0: no code adds to it.',
    unit: 'short',
    expr: `sum(${of('fairlead_bridge_deltas_dropped_total')})`,
    thresholds: [{ at: 1, color: 'red' }],
  }),
  stat('Gateway errors', {
    description: 'Share of requests to clusters that were answered with 5xx. Normal: below 1 %.',
    unit: 'percentunit',
    expr: `${failed} / clamp_min(${answered}, 0.000001)`,
    thresholds: [
      { at: 0.01, color: 'yellow' },
      { at: 0.05, color: 'red' },
    ],
  }),
];
