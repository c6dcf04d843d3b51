#!/usr/bin/env node
/** fairlead-agent. Memory is bounded first: loading the program would make V8's heap grow for good. */
import { boundYoungGeneration } from '@fairlead/service-kit/young-generation';

boundYoungGeneration();
const { runAgentProgram } = await import('./node-agent-program.ts');
process.exit(await runAgentProgram(process.argv.slice(2)));
