/** The database and the gateway, as the bridges see them. */
import { lines, type Panel } from './panel.ts';
import { byReason, of, perSecond, quantile, quantiles, share } from './selectors.ts';

const sql = 'fairlead_bridge_sql_seconds';

/** What the database takes. */
export const databaseRow: readonly Panel[] = [
  lines('Statements, 99 of 100', {
    description: 'Duration by statement; commit is a whole transaction. Normal: below 0.1 s.',
    unit: 's',
    queries: { '{{statement}}': quantile(0.99, sql, { by: ['statement'] }) },
  }),
  lines('Statements a second', {
    description: 'How often each statement is run.',
    unit: 'ops',
    queries: { '{{statement}}': `sum by (statement) (${perSecond(of(`${sql}_count`))})` },
  }),
  lines('Where the time goes', {
    description:
      'Seconds that bridges wait for the database in each second, by statement; commit, which holds the others, is left out.',
    unit: 's',
    stacked: 'yes',
    queries: {
      '{{statement}}': `sum by (statement) (${perSecond(of(`${sql}_sum`, 'statement!="commit"'))})`,
    },
  }),
  lines('Work done again', {
    description:
      'Transactions tried again because of a passing trouble of the database, by reason. Normal: 0, or a deadlock now and then.',
    unit: 'ops',
    width: 12,
    queries: byReason('fairlead_bridge_sql_retries_total', { by: 'reason', legend: '{{reason}}' }),
  }),
  lines('Budget that waits for the database', {
    description:
      'Bytes received from agents and not committed, as a share of budget.inFlightBytes. At 100 % agents must wait.',
    unit: 'percentunit',
    width: 12,
    thresholds: [{ at: 0.9, color: 'red' }],
    queries: share(of('fairlead_bridge_held_bytes'), of('fairlead_bridge_held_limit_bytes')),
  }),
];

/** Requests of kubectl, Clouddriver and others to the clusters. */
export const gatewayRow: readonly Panel[] = [
  lines('Requests by status', {
    description:
      'Requests to clusters that were answered. 499: the client had gone; 503: the agent is away; 504: it does not answer.',
    unit: 'reqps',
    queries: {
      '{{code}}': `sum by (code) (${perSecond(of('fairlead_bridge_gateway_requests_total'))})`,
    },
  }),
  lines('Duration of requests', {
    description:
      'To the end of the answer: watches, followed logs and switched connections last as long as they are open, and count when they end.',
    unit: 's',
    queries: quantiles('fairlead_bridge_gateway_seconds'),
  }),
  lines('Tunnels', {
    description: 'To agents: busy with a request, or idle and ready for one.',
    unit: 'short',
    queries: { '{{state}}': `sum by (state) (${of('fairlead_bridge_tunnels')})` },
  }),
  lines('Answered by the bridge itself', {
    description: 'Questions about what a cluster offers, and reads that SQL was to answer.',
    unit: 'reqps',
    queries: {
      'discovery: {{result}}': `sum by (result) (${perSecond(of('fairlead_bridge_discovery_answers_total'))})`,
      'cache: {{verb}} {{code}}': `sum by (verb, code) (${perSecond(of('fairlead_bridge_cache_reads_total'))})`,
    },
  }),
  lines('Writes of clients, seen at once', {
    description: 'Objects that clients wrote through the gateway, by what became of them in SQL.',
    unit: 'ops',
    queries: {
      '{{fate}}': `sum by (fate) (${perSecond(of('fairlead_bridge_written_ahead_total'))})`,
    },
  }),
  lines('Not let in', {
    description: 'Agents and clients that were refused or thrown out, by reason. Normal: 0.',
    unit: 'ops',
    queries: byReason('fairlead_bridge_refused_connections_total', {
      ...{ by: 'door, reason', legend: '{{door}}: {{reason}}' },
    }),
  }),
];
