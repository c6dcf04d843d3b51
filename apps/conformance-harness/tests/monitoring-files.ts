/** The chart's dashboard, the chart's rules and the page about them, as tests need them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** A query of a panel. */
export interface PanelQuery {
  /** For messages: the panel's title. */
  readonly panel: string;
  /** With every variable filled in, and without the condition that only what happens is drawn. */
  readonly expr: string;
  /** Labels that its legend shows. */
  readonly shownLabels: readonly string[];
}

/** A variable of the dashboard that lists the values of a label. */
export interface LabelVariable {
  readonly name: string;
  readonly label: string;
  /** Series that have the label. */
  readonly series: string;
}

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly name: string; definition?: string }[] };
}

/** Rates need two scrapes, and a little more. */
const rateInterval = '5s';

const read = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');
const dashboard = () =>
  JSON.parse(read('charts/fairlead-bridge/files/dashboards/fairlead.json')) as Dashboard;
const rules = () => read('charts/fairlead-bridge/files/rules/fairlead.yaml');

/** Every query of the dashboard, with everything chosen. */
export function panelQueries(): readonly PanelQuery[] {
  return dashboard().panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({
      panel: title,
      expr: filledIn(expr).replace(/ > 0$/, ''),
      shownLabels: Array.from(legendFormat.matchAll(/\{\{(\w+)\}\}/g), ([, name = '']) => name),
    })),
  );
}

/** The variables that are filled from Prometheus. */
export function labelVariables(): readonly LabelVariable[] {
  return dashboard().templating.list.flatMap(({ name, definition = '' }) => {
    const found = /^label_values\((.*), (\w+)\)$/.exec(filledIn(definition));
    return found === null ? [] : [{ name, series: found[1] ?? '', label: found[2] ?? '' }];
  });
}

/** The rules, but that no trouble need last longer than a second. */
export function hastyRules(): string {
  return rules().replace(/^( +for: )\d+m$/gm, '$11s');
}

/** What the alerts look at: every metric with what chooses its series, without conditions on values. */
export function alertSelectors(): readonly string[] {
  const file = parse(rules()) as { groups: { rules: { expr: string }[] }[] };
  const exprs = file.groups.flatMap((group) => group.rules.map(({ expr }) => expr));
  const selector = /\b(?:fairlead_|process_|nodejs_|up\b)\w*(?:\{[^}]*\})?/g;
  return [...new Set(exprs.flatMap((expr) => expr.match(selector) ?? []))].sort();
}

/** One metric: its name and type, and its labels in order, as one line. */
export type MetricLine = string;

/** The metrics that the page lists, sorted. */
export function listedMetrics(): readonly MetricLine[] {
  const row = /^\| `(\w+)` +\| (counter|gauge|histogram) +\| ([^|]*)\|/gm;
  const rows = Array.from(read('docs/monitoring.md').matchAll(row));
  return rows
    .map(([, name = '', type = '', labels = '']) =>
      metricLine(
        name,
        type,
        Array.from(labels.matchAll(/`(\w+)`/g), ([, label = '']) => label),
      ),
    )
    .sort();
}

/** The metrics that a program exposes, sorted; labels of what has no value yet are not known. */
export function exposedMetrics(text: string): readonly MetricLine[] {
  const types = Array.from(text.matchAll(/^# TYPE (\w+) (\w+)$/gm));
  return types
    .map(([, name = '', type = '']) => {
      const series = new RegExp(`^${name}(?:_bucket)?(?:\\{(.*)\\})? `, 'gm');
      const labels = Array.from(text.matchAll(series), ([, pairs = '']) =>
        Array.from(pairs.matchAll(/(\w+)="/g), ([, label = '']) => label),
      );
      return metricLine(name, type, [...new Set(labels.flat())]);
    })
    .sort();
}

function metricLine(name: string, type: string, labels: readonly string[]): MetricLine {
  const own = labels.filter((label) => label !== 'le').sort();
  return `${name} ${type} ${own.join(',')}`;
}

/** Every anchor of the page, as its alerts name them. */
export function pageAnchors(): ReadonlySet<string> {
  const headings = Array.from(read('docs/monitoring.md').matchAll(/^#+ (.*)$/gm));
  return new Set(headings.map(([, text = '']) => text.toLowerCase().replaceAll(' ', '-')));
}

/** Where the alerts send their readers. */
export function runbooks(): readonly string[] {
  return Array.from(rules().matchAll(/runbook: (\S+)$/gm), ([, link = '']) => link);
}

function filledIn(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', rateInterval)
    .replace(/\$(?:namespace|job|instance|account)\b/g, '.*');
}
