/** The rules of the chart, and the unit tests that promtool runs on them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { AlertCase, SeriesValues } from './alert-cases.ts';

/** One alert of the file. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Path of the rules. */
export const rulesPath = fileURLToPath(
  new URL('../../../charts/fairlead-bridge/files/rules/fairlead.yaml', import.meta.url),
);

/** Every alert, in the file's order. */
export function readAlerts(): readonly AlertRule[] {
  const file = parse(readFileSync(rulesPath, 'utf8')) as {
    readonly groups: readonly { readonly rules: readonly AlertRule[] }[];
  };
  return file.groups.flatMap(({ rules }) => rules);
}

/** What promtool is to run: each case three times at most. */
export function promtoolTests(cases: readonly AlertCase[], rules: readonly AlertRule[]): object {
  return {
    rule_files: [rulesPath],
    evaluation_interval: '1m',
    tests: cases.flatMap((each) => {
      const rule = rules.find(({ alert }) => alert === each.alert);
      if (rule === undefined) throw new Error(`no alert ${each.alert}`);
      const { alert, trouble, well, firesAt, quietAt } = each;
      const quiet = quietAt === undefined ? [] : [expectation(alert, quietAt, [])];
      return [
        test(trouble, [...quiet, expectation(alert, firesAt, [firingAlert(each, rule)])]),
        test(well, [expectation(alert, firesAt, [])]),
      ];
    }),
  };
}

function test(values: SeriesValues, alerts: readonly object[]): object {
  const series = Object.entries(values);
  return {
    interval: '1m',
    input_series: series.map(([name, each]) => ({ series: name, values: each })),
    alert_rule_test: alerts,
  };
}

function expectation(alertname: string, at: string, alerts: readonly object[]): object {
  return { alertname, eval_time: at, exp_alerts: alerts };
}

function firingAlert({ labels, shown }: AlertCase, rule: AlertRule): object {
  const annotations = Object.entries(rule.annotations).map(([name, text]) => [
    name,
    text
      .replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? '')
      .replace(/\{\{ \$value[^}]*\}\}/g, shown ?? 'no value is expected here'),
  ]);
  return {
    exp_labels: { ...labels, ...rule.labels },
    exp_annotations: Object.fromEntries(annotations) as object,
  };
}
