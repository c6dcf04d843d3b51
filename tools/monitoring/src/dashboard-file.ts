/** Where the dashboard lies. */
import { fileURLToPath } from 'node:url';

/** Path of the file that the chart of the bridge puts into a ConfigMap. */
export const dashboardPath = fileURLToPath(
  new URL('../../../charts/fairlead-bridge/files/dashboards/fairlead.json', import.meta.url),
);
