/** The chart's dashboard, the chart's rules and the page about them, as tests need them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** A query of a panel. */
export interface PanelQuery {
  /** For messages: the panel's title. */
  readonly panel: string;
  /** With every variable filled in. */
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
const rateInterval = '3s';

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
      expr: filledIn(expr),
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

function filledIn(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', rateInterval)
    .replace(/\$(?:namespace|job|instance|account)\b/g, '.*');
}
