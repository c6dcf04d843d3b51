import { readFile } from 'node:fs/promises';
import { dashboardPath } from './dashboard-file.ts';
import { createDashboard, dashboardRows } from './dashboard.ts';

interface PlacedPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: {
    readonly h: number;
    readonly w: number;
    readonly x: number;
    readonly y: number;
  };
}

const placed = (createDashboard() as { readonly panels: readonly PlacedPanel[] }).panels;

describe(createDashboard, () => {
  it('gives every panel an id of its own and a place that no other has', () => {
    const squares = placed.flatMap(({ gridPos: { h, w, x, y } }) =>
      Array.from(
        { length: h * w },
        (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`,
      ),
    );

    expect(new Set(placed.map(({ id }) => id)).size).toBe(placed.length);
    expect(new Set(squares).size).toBe(squares.length);
    expect(Math.max(...placed.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
  });

  it('describes every panel, and names no two of a row alike', () => {
    for (const { panels } of dashboardRows) {
      expect(panels.filter(({ description }) => description.length < 10)).toEqual([]);
      expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    }
  });

  it('lets the variables choose in every query', () => {
    const queries = dashboardRows.flatMap(({ panels }) => panels.flatMap((panel) => panel.queries));
    const unchosen = queries.filter(({ expr }) =>
      [...expr.matchAll(/\{([^}]*)\}/g)].some(([, matchers]) => !matchers?.includes('$instance')),
    );

    expect(unchosen).toEqual([]);
    expect(queries.filter(({ expr }) => !expr.includes('{'))).toEqual([]);
  });
});

describe('the file of the chart', () => {
  it('is what is made; else run node tools/monitoring/src/main.ts', async () => {
    const file: unknown = JSON.parse(await readFile(dashboardPath, 'utf8'));

    expect(file).toEqual(createDashboard());
  });
});
