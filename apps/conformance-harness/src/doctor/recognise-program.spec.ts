import { recogniseProgram } from './recognise-program.ts';

describe(recogniseProgram, () => {
  it.each([
    [{ kubernetes: { accounts: [] } }, 'agent'],
    [{ clouddriver: { grpc: 'a:1' } }, 'agent'],
    [{ Clouddriver: {}, dynamicAccountsEnabled: true }, 'agent'],
    [{ sql: {} }, 'bridge'],
    [{ clouddriver: { lockAgents: false } }, 'bridge'],
    [{ grpc: {}, clouddriver: { accounts: {} } }, 'bridge'],
    [{ kubernetes: {}, sql: {} }, undefined],
    [{ logging: {} }, undefined],
    [null, undefined],
    ['text', undefined],
  ])('%j is of %s', (document, program) => {
    expect(recogniseProgram(document)).toBe(program);
  });
});
