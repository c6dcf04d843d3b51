/** The agents, and what both programs take of their machines. */
import { lines, type Panel } from './panel.ts';
import { of, ofPrograms, perSecond, share } from './selectors.ts';

/** What agents tell of themselves. */
export const agentsRow: readonly Panel[] = [
  lines('Link', {
    description: '1 while the agent has a link to a bridge. Normal: 1.',
    unit: 'short',
    queries: { '{{instance}}': of('fairlead_agent_link_up') },
  }),
  lines('Links opened and lost', {
    description: 'connecting: attempts that failed; open: links that were lost. Normal: 0.',
    unit: 'ops',
    queries: {
      opened: `sum(${perSecond(of('fairlead_agent_link_connects_total'))})`,
      'lost: {{phase}}': `sum by (phase) (${perSecond(of('fairlead_agent_link_failures_total'))})`,
    },
  }),
  lines('Accounts by state', {
    description:
      'As agents see them. Normal: feeding, or standby where another replica feeds. identifying: the API server does not answer.',
    unit: 'short',
    stacked: 'yes',
    queries: { '{{state}}': `sum by (state) (${of('fairlead_agent_accounts')})` },
  }),
  lines('Feeds by state', {
    description: 'As agents see them. Normal: watching.',
    unit: 'short',
    stacked: 'yes',
    queries: { '{{state}}': `sum by (state) (${of('fairlead_agent_feeds')})` },
  }),
  lines('Budget in flight', {
    description:
      'Bytes queued, or sent and not acknowledged, as a share of budget.inFlightBytes. At 100 % the agent reads no further.',
    unit: 'percentunit',
    thresholds: [{ at: 0.9, color: 'red' }],
    queries: share(
      of('fairlead_agent_in_flight_bytes'),
      of('fairlead_agent_in_flight_limit_bytes'),
    ),
  }),
  lines('Bytes in and out', {
    description: 'Read from API servers, and sent to bridges after compression.',
    unit: 'Bps',
    queries: {
      'from API servers': `sum(${perSecond(of('fairlead_agent_bytes_received_total'))})`,
      'to bridges': `sum(${perSecond(of('fairlead_agent_bytes_sent_total'))})`,
    },
  }),
  lines('Changes by kind', {
    description: 'The ten kinds that change most.',
    unit: 'ops',
    queries: {
      '{{kind}}': `topk(10, sum by (kind) (${perSecond(of('fairlead_agent_deltas_total'))}))`,
    },
  }),
  lines('Objects left out', {
    description: 'Larger than a batch may be, or not readable; the log names them. Normal: 0.',
    unit: 'short',
    queries: {
      'too large': `sum(${of('fairlead_agent_oversized_objects_total')})`,
      'not readable': `sum(${of('fairlead_agent_unscannable_objects_total')})`,
    },
  }),
  lines('Requests not done', {
    description:
      'Requests of the gateway that the agent did not do, by reason: operations.allow forbids them, or what they ask for may not leave.',
    unit: 'reqps',
    queries: {
      '{{reason}}': `sum by (reason) (${perSecond(of('fairlead_agent_gateway_refusals_total'))})`,
    },
  }),
];

const versions: Panel = {
  type: 'table',
  title: 'Versions',
  description: 'Every process with its program and version.',
  unit: 'short',
  width: 8,
  queries: [
    {
      legend: 'version',
      expr: `max by (program, version, instance) (${of('fairlead_build_info')})`,
    },
  ],
  transformations: [
    { id: 'organize', options: { excludeByName: { Time: true, Value: true }, renameByName: {} } },
  ],
};

/** Memory, CPU and event loop of both programs. */
export const processesRow: readonly Panel[] = [
  lines('Memory', {
    description: "Resident, and the part of it that is JavaScript's heap in use.",
    unit: 'bytes',
    queries: {
      '{{program}} {{instance}}': ofPrograms('process_resident_memory_bytes'),
      'heap {{instance}}': ofPrograms('nodejs_heap_size_used_bytes'),
    },
  }),
  lines('CPU', {
    description:
      'Cores in use. One core is what the event loop can use; compression and GC use others.',
    unit: 'short',
    queries: {
      '{{program}} {{instance}}': perSecond(ofPrograms('process_cpu_seconds_total')),
    },
  }),
  lines('Event loop, 99 of 100', {
    description: 'How late the event loop is, between two scrapes. Normal: below 40 ms.',
    unit: 's',
    thresholds: [{ at: 0.25, color: 'red' }],
    queries: { '{{program}} {{instance}}': ofPrograms('nodejs_eventloop_lag_p99_seconds') },
  }),
  lines('Memory, of its limit', {
    description: 'Resident, as a share of the limit of the control group, else of the machine.',
    unit: 'percentunit',
    thresholds: [{ at: 0.9, color: 'red' }],
    queries: {
      '{{program}} {{instance}}': `${ofPrograms('process_resident_memory_bytes')} / ${ofPrograms('process_memory_limit_bytes')}`,
    },
  }),
  lines('Garbage collection', {
    description: 'Share of the time that it takes. Normal: below 5 %.',
    unit: 'percentunit',
    queries: {
      '{{program}} {{instance}}': `sum by (program, instance) (${perSecond(ofPrograms('nodejs_gc_duration_seconds_sum'))})`,
    },
  }),
  versions,
];
