/**
 * Panels as they are thought of, and as Grafana wants them: a title, what it shows, some queries, and
 * how it looks. Places on the page are given by `dashboard.ts`.
 */

/** One query of a panel. */
export interface Query {
  /** PromQL with Grafana's variables. */
  readonly expr: string;
  /** Of its lines; may hold `{{label}}`. */
  readonly legend: string;
}

/** When a value is no longer well: from `at` on it has `color`. */
export interface Threshold {
  readonly at: number;
  readonly color: 'yellow' | 'orange' | 'red' | 'green';
}

/** A panel. */
export interface Panel {
  /** How it is drawn. */
  readonly type: 'stat' | 'timeseries' | 'table';
  readonly title: string;
  /** What it shows, and what is normal; Grafana shows it beside the title. */
  readonly description: string;
  /** Grafana's name of the unit, such as `s`, `bytes`, `short`, `ops`. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** Columns of the page's 24. */
  readonly width: number;
  /** @defaultValue none: green */
  readonly thresholds?: readonly Threshold[];
  /** Draw lines on top of each other. @defaultValue 'no' */
  readonly stacked?: 'yes' | 'no';
  /** Further options of the panel, as Grafana has them. @defaultValue none */
  readonly transformations?: readonly object[];
  /** Of single columns of a table. @defaultValue none */
  readonly overrides?: readonly object[];
}

/** Where a panel lies: columns and lines of the page. */
export interface GridPosition {
  readonly h: number;
  readonly w: number;
  readonly x: number;
  readonly y: number;
}

/** The data source that the page's variable names. */
export const datasource = { type: 'prometheus', uid: '${datasource}' } as const;

/** A single value. */
export function stat(
  title: string,
  panel: Omit<Panel, 'type' | 'title' | 'queries' | 'width'> & { readonly expr: string },
): Panel {
  const { expr, ...rest } = panel;
  return { type: 'stat', title, queries: [{ expr, legend: title }], width: 4, ...rest };
}

/** Lines over time. */
export function lines(
  title: string,
  panel: Omit<Panel, 'type' | 'title' | 'queries' | 'width'> & {
    /** Legend to expression. */
    readonly queries: Readonly<Record<string, string>>;
    /** @defaultValue 8 */
    readonly width?: number;
  },
): Panel {
  const { queries, ...rest } = panel;
  const listed = Object.entries(queries).map(([legend, expr]) => ({ legend, expr }));
  return { type: 'timeseries', title, width: 8, ...rest, queries: listed };
}

/** A panel in Grafana's own form. */
export function grafanaPanel(panel: Panel, id: number, gridPos: GridPosition): object {
  const { type, title, description, unit, thresholds = [], overrides = [] } = panel;
  const steps = thresholds.map(({ at, color }) => ({ color, value: at }));
  return {
    id,
    type,
    title,
    description,
    datasource,
    gridPos,
    fieldConfig: {
      defaults: {
        unit,
        ...(type === 'stat' ? {} : { min: 0 }),
        color: { mode: type === 'timeseries' ? 'palette-classic' : 'thresholds' },
        thresholds: { mode: 'absolute', steps: [{ color: 'green', value: null }, ...steps] },
        custom: customOptions(panel),
      },
      overrides,
    },
    options: panelOptions(type),
    ...(panel.transformations === undefined ? {} : { transformations: panel.transformations }),
    targets: panel.queries.map((query, index) => target(panel, query, index)),
  };
}

function target({ type }: Panel, { expr, legend }: Query, index: number): object {
  return {
    refId: String.fromCharCode('A'.charCodeAt(0) + index),
    datasource,
    editorMode: 'code',
    expr,
    legendFormat: legend,
    ...(type === 'timeseries' ? { range: true } : { instant: true, range: false }),
    format: type === 'table' ? 'table' : 'time_series',
  };
}

function customOptions({ type, thresholds, stacked }: Panel): object {
  if (type === 'stat') return {};
  if (type === 'table') return { align: 'auto', cellOptions: { type: 'auto' } };
  return {
    drawStyle: 'line',
    lineWidth: 1,
    fillOpacity: stacked === 'yes' ? 25 : 8,
    showPoints: 'never',
    spanNulls: false,
    stacking: { mode: stacked === 'yes' ? 'normal' : 'none', group: 'A' },
    thresholdsStyle: { mode: thresholds === undefined ? 'off' : 'dashed' },
  };
}

function panelOptions(type: Panel['type']): object {
  if (type === 'table') return { showHeader: true, cellHeight: 'sm' };
  if (type === 'timeseries') {
    return {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
      tooltip: { mode: 'multi', sort: 'desc' },
    };
  }
  return {
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    colorMode: 'value',
    graphMode: 'none',
    justifyMode: 'auto',
    textMode: 'value',
    orientation: 'auto',
  };
}
