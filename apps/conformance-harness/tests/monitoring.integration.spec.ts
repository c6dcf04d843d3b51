// What is looked at when it matters: every query of the dashboard and every metric of the alerts has data
// from running programs, and alerts fire when what they are about happens.
import { isUnavailable } from '@fairlead/testbed';
import { untilAccount } from './bridge-questions.ts';
import { eventually } from './eventually.ts';
import {
  startMonitoredInstallation,
  type MonitoredInstallation,
} from './monitored-installation.ts';
import {
  alertSelectors,
  exposedMetrics,
  labelVariables,
  listedMetrics,
  pageAnchors,
  panelQueries,
  type PanelQuery,
  runbooks,
} from './monitoring-files.ts';

const isWanting = isUnavailable('postgres') || isUnavailable('prometheus');

/** A matter of time, and so of the load of the machine that tests run on. */
const timedAlerts = new Set([
  ...['FairleadEventLoopLag', 'FairleadFeedLagHigh', 'FairleadDeltaLatencyHigh'],
  ...['FairleadDatabaseSlow', 'FairleadAccountNotSynced', 'FairleadBridgeSilent'],
]);

/** Two small clusters may be listed between two scrapes. */
const tooShort = 'fairlead_bridge_account_state{state=~"connecting|syncing"}';

(isWanting ? describe.skip : describe)('a Prometheus that scrapes an agent and a bridge', () => {
  let installation: MonitoredInstallation;
  let traffic: Traffic;

  beforeAll(async () => {
    installation = await startMonitoredInstallation();
    const { bridge } = installation;
    traffic = startTraffic(bridge.url);
    await Promise.all(['sim-1', 'sim-2'].map((name) => untilAccount(bridge.url, name)));
  }, 180_000);

  afterAll(async () => {
    await traffic.stop();
    await installation[Symbol.asyncDispose]();
  }, 60_000);

  const firing = async () => {
    const alerts = await installation.prometheus.alerts();
    const names = alerts.filter(({ state }) => state === 'firing').map(nameOf);
    return [...new Set(names)].filter((name) => !timedAlerts.has(name)).sort();
  };
  const untilFiring = async (...names: readonly string[]) => {
    const wanted = [...names].sort();
    const areFiring = async () => (await firing()).join() === wanted.join();
    await eventually(areFiring, { what: 'they fire', timeoutMs: 30_000 }).catch(() => undefined);
    expect(await firing()).toEqual(wanted);
  };

  it('gets data for every query of the dashboard, with the labels that legends show', async () => {
    const { prometheus } = installation;
    const unseen = new Map(panelQueries().map((query) => [query.expr, query]));
    const look = async ({ expr, shownLabels }: PanelQuery) => {
      const series = await prometheus.query(expr);
      if (series.some((each) => isShown(each, shownLabels))) unseen.delete(expr);
    };
    const lookAtAll = async () => {
      await Promise.all([...unseen.values()].map(look));
      return unseen.size === 0;
    };
    expect(unseen.size).toBeGreaterThan(60);

    await eventually(lookAtAll, { what: 'all have data', timeoutMs: 20_000 }).catch(
      () => undefined,
    );

    expect([...unseen.keys()]).toEqual([]);
  }, 60_000);

  it('has values for every variable of the dashboard', async () => {
    const { prometheus } = installation;

    for (const { name, label, series } of labelVariables()) {
      expect([name, await prometheus.labelValues(label, series)]).not.toEqual([name, []]);
    }
    expect(labelVariables().map(({ name }) => name)).toEqual([
      ...['namespace', 'job', 'instance', 'account'],
    ]);
  });

  it('is told exactly the metrics that docs/monitoring.md lists', async () => {
    const { bridge, agent } = installation;
    const exposed = await Promise.all(
      [bridge.url, agent.url].map(async (url) => exposedMetrics(await textOf(`${url}/metrics`))),
    );
    // Seldom are there any to label.
    const isSteady = (line: string) => !line.startsWith('nodejs_active_requests ');

    expect(listedMetrics().filter(isSteady)).toEqual(
      [...new Set(exposed.flat())].filter(isSteady).sort(),
    );
  });

  it('fires the alerts of what goes wrong, and no others', async () => {
    const { bridge, agent, fleet } = installation;
    const fromTheStart = ['FairleadAccountRejected', 'FairleadFeedsForbidden'];
    await untilFiring(...fromTheStart, 'FairleadAgentAccountsWaiting');

    const restarted = fleet.cluster('sim-2').incidents.restart({ downMs: 2_500 });
    await untilFiring(...fromTheStart, 'FairleadAgentAccountsWaiting', 'FairleadAccountStale');
    await restarted;
    await untilFiring(...fromTheStart, 'FairleadAgentAccountsWaiting');

    await bridge.program.kill('SIGKILL');
    await untilFiring('FairleadAgentLinkDown', 'FairleadBridgeAbsent', 'FairleadBridgeDown');

    await bridge.program.start();
    await untilAccount(bridge.url, 'sim-1');
    await agent.program.kill('SIGKILL');
    await untilFiring('FairleadAccountDisconnected', 'FairleadAgentDown', 'FairleadGatewayErrors');
  }, 120_000);

  it('has had data for everything that an alert looks at', async () => {
    const { prometheus } = installation;
    const unseen: string[] = [];

    for (const selector of alertSelectors()) {
      if (selector === tooShort) continue;
      const series = await prometheus.query(`last_over_time(${selector}[1h])`);
      if (series.length === 0) unseen.push(selector);
    }

    expect(alertSelectors().length).toBeGreaterThan(30);
    expect(alertSelectors()).toContain(tooShort);
    expect(unseen).toEqual([]);
  }, 30_000);
});

describe('the alerts', () => {
  it('lead to a part of docs/monitoring.md each', () => {
    const anchors = pageAnchors();
    const lost = runbooks().filter((link) => !anchors.has(link.split('#')[1] ?? ''));

    expect(runbooks().length).toBeGreaterThan(20);
    expect(lost).toEqual([]);
  });
});

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}

type Series = Awaited<ReturnType<MonitoredInstallation['prometheus']['query']>>[number];

/** Whether a panel shows something of a series. */
function isShown({ metric, value }: Series, shownLabels: readonly string[]): boolean {
  return value?.[1] !== 'NaN' && shownLabels.every((label) => label in metric);
}

function nameOf({ labels }: { readonly labels: Readonly<Record<string, string>> }): string {
  return labels.alertname ?? '';
}

interface Traffic {
  /** Ends it. */
  stop(): Promise<void>;
}

/** A client that reads through the gateway, of the cluster and of the cache, and never stops. */
function startTraffic(bridgeUrl: string): Traffic {
  const stopping = new AbortController();
  const { signal } = stopping;
  const paths = ['/api', '/api/v1/namespaces', '/api/v1/pods?fairlead=cache', '/api/v1/nowhere'];
  const read = async () => {
    while (!signal.aborted) {
      for (const path of paths) {
        const answer = fetch(`${bridgeUrl}/clusters/sim-1${path}`, { signal });
        // The bridge is killed meanwhile, too.
        await answer.then((response) => response.arrayBuffer()).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  const reading = read();
  return {
    stop: async () => {
      stopping.abort();
      await reading;
    },
  };
}
