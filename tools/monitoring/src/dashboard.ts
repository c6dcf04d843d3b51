/** The page: rows of panels, each given its place, and the variables that choose what they show. */
import { accountsRow, flowRow } from './account-rows.ts';
import { overviewRow } from './overview-row.ts';
import { datasource, grafanaPanel, type Panel } from './panel.ts';
import { agentsRow, processesRow } from './process-rows.ts';
import { databaseRow, gatewayRow } from './server-rows.ts';

/** A row with a title. */
export interface DashboardRow {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** Rows from top to bottom. */
export const dashboardRows: readonly DashboardRow[] = [
  { title: 'Overview', panels: overviewRow },
  { title: 'Accounts', panels: accountsRow },
  { title: 'From the cluster to the database', panels: flowRow },
  { title: 'Database', panels: databaseRow },
  { title: 'Gateway', panels: gatewayRow },
  { title: 'Agents', panels: agentsRow },
  { title: 'Processes', panels: processesRow },
];

/** Columns of Grafana's page. */
const pageColumns = 24;
/** Lines that a panel is high: a line is 30 pixels. */
const heights: Readonly<Record<Panel['type'], number>> = { stat: 4, timeseries: 8, table: 8 };

/** The whole dashboard in Grafana's JSON model (schema version 39: Grafana 10.4 and later). */
export function createDashboard(rows: readonly DashboardRow[] = dashboardRows): object {
  return {
    uid: 'fairlead',
    title: 'Fairlead',
    description: 'Clusters, agents and bridges: from the change in a cluster to the row in SQL.',
    tags: ['fairlead', 'spinnaker', 'kubernetes'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    timepicker: {},
    annotations: { list: [] },
    links: [],
    templating: { list: [datasourceVariable, ...queryVariables.map(queryVariable)] },
    panels: placePanels(rows),
  };
}

const datasourceVariable = {
  name: 'datasource',
  label: 'Data source',
  type: 'datasource',
  query: 'prometheus',
  current: { text: 'default', value: 'default' },
  refresh: 1,
};

interface QueryVariable {
  readonly name: string;
  readonly label: string;
  /** The series that have it, chosen by the variables before it. */
  readonly series: string;
}

const info = 'fairlead_build_info';
const inNamespace = 'namespace=~"$namespace"';

const queryVariables: readonly QueryVariable[] = [
  { name: 'namespace', label: 'Namespace', series: info },
  { name: 'job', label: 'Job', series: `${info}{${inNamespace}}` },
  { name: 'instance', label: 'Instance', series: `${info}{${inNamespace}, job=~"$job"}` },
  {
    name: 'account',
    label: 'Account',
    series: `fairlead_bridge_account_state{${inNamespace}, job=~"$job"}`,
  },
];

/** All by default; `.*`, so that series without the label are there, too. */
function queryVariable({ name, label, series }: QueryVariable): object {
  const query = `label_values(${series}, ${name})`;
  return {
    ...{ name, label, type: 'query', datasource, definition: query },
    query: { qryType: 1, query, refId: 'PrometheusVariableQueryEditor-VariableQuery' },
    ...{ refresh: 2, sort: 1, multi: true, includeAll: true, allValue: '.*' },
    current: { selected: true, text: ['All'], value: ['$__all'] },
  };
}

function placePanels(rows: readonly DashboardRow[]): object[] {
  const placed: object[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    const gridPos = { h: 1, w: pageColumns, x: 0, y };
    placed.push({
      id: placed.length + 1,
      type: 'row',
      title,
      collapsed: false,
      gridPos,
      panels: [],
    });
    y += 1;
    let x = 0;
    let lineHeight = 0;
    for (const panel of panels) {
      if (x + panel.width > pageColumns) {
        y += lineHeight;
        x = lineHeight = 0;
      }
      const h = heights[panel.type];
      placed.push(grafanaPanel(panel, placed.length + 1, { h, w: panel.width, x, y }));
      x += panel.width;
      lineHeight = Math.max(lineHeight, h);
    }
    y += lineHeight;
  }
  return placed;
}
