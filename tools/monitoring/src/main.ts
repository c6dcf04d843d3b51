/** Writes the chart's dashboard anew: `node tools/monitoring/src/main.ts`. */
import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { createDashboard } from './dashboard.ts';
import { dashboardPath } from './dashboard-file.ts';

const json = JSON.stringify(createDashboard());
// In the form that the workspace's formatter keeps.
await writeFile(dashboardPath, await format(json, { parser: 'json', printWidth: 100 }));
