// The faults that happen to a whole cluster, by name.
import { type FaultValue } from './fault-value.ts';
import { type SimCluster } from './sim-cluster.ts';

/** A fault that happens to a whole cluster. */
export interface NamedIncident {
  /** What its value means. */
  readonly value: FaultValue;
  /** What it does, for people. */
  readonly description: string;
  /** Makes it happen until the signal aborts, or until it has happened. */
  readonly incident: (cluster: SimCluster, happening: Happening) => Promise<void>;
}

/** One incident under way. */
export interface Happening {
  /** The value it was asked for with. */
  readonly value: string;
  /** Aborts when it is to end. */
  readonly signal: AbortSignal;
  /** Counts that it happened. */
  readonly strike: () => void;
}

/** Incidents by name. */
export const namedIncidents: Readonly<Record<string, NamedIncident>> = {
  compact: {
    value: 'seconds',
    description: 'forgets all history and ends every watch, each time so much has passed',
    incident: repeated((cluster) => cluster.incidents.expireAll()),
  },
  'rotate-token': {
    value: 'seconds',
    description: 'lets in only a new token, each time so much has passed',
    incident: async (cluster, happening) => {
      const rotate = (): void => void cluster.incidents.rotateToken();
      rotate();
      happening.strike();
      await repeated(rotate)(cluster, happening);
    },
  },
  restart: {
    value: 'seconds',
    description: 'drops every connection and refuses new ones for so long',
    incident: async (cluster, { value, strike }) => {
      strike();
      await cluster.incidents.restart({ downMs: Number(value) * 1000 });
    },
  },
  silence: {
    value: 'seconds',
    description: 'sends and reads nothing for so long, while every connection stays open',
    incident: async (cluster, { value, signal, strike }) => {
      strike();
      const speak = cluster.incidents.silence();
      await cluster.state.clock.sleep(Number(value) * 1000, signal);
      speak();
    },
  },
  restore: {
    value: 'seconds',
    description: 'brings back, after so long, the objects and resourceVersions of now',
    incident: async (cluster, { value, signal, strike }) => {
      const moment = cluster.incidents.moment();
      await cluster.state.clock.sleep(Number(value) * 1000, signal);
      if (signal.aborted) return;
      cluster.incidents.restore(moment);
      strike();
    },
  },
  'api-down': {
    value: 'group/version',
    description: 'announces this API and answers it with 503: its own server is away',
    incident: async (cluster, { value, signal, strike }) => {
      strike();
      const bringUp = cluster.incidents.takeDown(value);
      await cluster.state.clock.sleep(Infinity, signal);
      bringUp();
    },
  },
  upgrade: {
    value: 'version',
    description: 'restarts as another version of Kubernetes',
    incident: async (cluster, { value, strike }) => {
      strike();
      cluster.incidents.upgrade({ gitVersion: value });
      await cluster.incidents.restart();
    },
  },
};

function repeated(action: (cluster: SimCluster) => void): NamedIncident['incident'] {
  return async (cluster, { value, signal, strike }) => {
    const ms = Math.max(1, Number(value) * 1000);
    for (;;) {
      await cluster.state.clock.sleep(ms, signal);
      if (signal.aborted) return;
      action(cluster);
      strike();
    }
  };
}
