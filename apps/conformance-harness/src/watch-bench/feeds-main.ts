/**
 * Contestant: Fairlead's feeds without a link, in a process that bounds its young generation as the
 * agent's does.
 */
import { boundYoungGeneration } from '@fairlead/service-kit/young-generation';

boundYoungGeneration();
await import('./feeds-contestant.ts');
