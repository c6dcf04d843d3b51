import { classifyMysqlError } from './mysql/retryable-errnos.ts';
import { classifyPostgresError } from './postgres/retryable-sqlstates.ts';
import { classifySqliteError } from './sqlite/retryable-result-codes.ts';
import { transientReasons } from './transient-reasons.ts';

const error = (fields: object, message = 'message') => Object.assign(new Error(message), fields);

/** What every peer's tracker is full of: each is in its table, whatever else is. */
describe('troubles that must never cost a row', () => {
  it.each([
    ['deadlock', { code: '40P01' }, { errno: 1213 }],
    ['serializationFailure', { code: '40001' }, { errno: 1020 }],
    ['lockTimeout', { code: '55P03' }, { errno: 1205 }],
    ['tooManyConnections', { code: '53300' }, { errno: 1040 }],
    ['tooManyConnections', { code: '53300' }, { errno: 1203 }],
    ['readOnly', { code: '25006' }, { errno: 1290 }],
    ['readOnly', { code: '25006' }, { errno: 1792 }],
    ['readOnly', { code: '25006' }, { errno: 1836 }],
    ['diskFull', { code: '53100' }, { errno: 1114 }],
    ['diskFull', { code: '53100' }, { errno: 1021 }],
    ['diskFull', { code: '53100' }, { errno: 1026 }],
    ['serverShutdown', { code: '57P01' }, { errno: 1053 }],
    ['connectionLost', { code: '08006' }, { errno: 2013 }],
    ['connectionLost', { code: 'ECONNRESET' }, { code: 'ECONNRESET' }],
    ['connectionRefused', { code: 'ECONNREFUSED' }, { code: 'ECONNREFUSED' }],
  ])('include %s', (reason, postgres, mysql) => {
    expect(classifyPostgresError(error(postgres))).toMatchObject({ kind: 'transient', reason });
    expect(classifyMysqlError(error(mysql))).toMatchObject({ kind: 'transient', reason });
  });

  it.each([
    ['busy', 5],
    ['busy', 5 | (2 << 8)],
    ['locked', 6],
    ['readOnly', 8],
    ['ioError', 10],
    ['diskFull', 13],
    ['fileNotOpened', 14],
  ])('include %s of an embedded database (%i)', (reason, errcode) => {
    expect(classifySqliteError(error({ errcode }))).toMatchObject({ kind: 'transient', reason });
  });
});

describe(classifySqliteError, () => {
  it.each(['update `t` set ... - database is locked', 'Migration table is already locked'])(
    'takes %j for transient though it has no code',
    (message) => {
      expect(classifySqliteError(error({}, message))).toMatchObject({ reason: 'busy' });
    },
  );
});

describe(classifyPostgresError, () => {
  it.each([
    [{ code: '40001' }, 'serializationFailure', 'kept'],
    [{ code: '25006' }, 'readOnly', 'broken'],
    [{ code: '57P01' }, 'serverShutdown', 'broken'],
    [{ code: '28P01' }, 'accessDenied', 'broken'],
    [{ code: 'ECONNRESET' }, 'connectionLost', 'broken'],
    [{ code: 'EAI_AGAIN' }, 'nameNotResolved', 'broken'],
  ])('takes %j for transient', (fields, reason, connection) => {
    expect(classifyPostgresError(error(fields))).toEqual({ kind: 'transient', reason, connection });
  });

  it.each(['Connection terminated unexpectedly', 'Knex: Timeout acquiring a connection. ...'])(
    'takes %j for transient though it has no code',
    (message) => {
      expect(classifyPostgresError(error({}, message)).kind).toBe('transient');
    },
  );

  it('looks into the failure of all addresses of a host', () => {
    const failed = new AggregateError([error({ code: 'ECONNREFUSED' })]);

    expect(classifyPostgresError(failed)).toMatchObject({ reason: 'connectionRefused' });
  });

  it.each(['22021', '23505', '42601', '54000', undefined])(
    'takes %j for the rows’ fault',
    (code) => {
      expect(classifyPostgresError(error({ code }))).toEqual({ kind: 'rejected' });
    },
  );

  it('knows a missing table', () => {
    expect(classifyPostgresError(error({ code: '42P01' }))).toEqual({ kind: 'missingTable' });
  });
});

describe(classifyMysqlError, () => {
  it.each([
    [{ errno: 1213 }, 'deadlock'],
    [{ errno: 1205 }, 'lockTimeout'],
    [{ errno: 1290 }, 'readOnly'],
    [{ code: 'PROTOCOL_CONNECTION_LOST' }, 'connectionLost'],
    [{ errno: -111, code: 'ECONNREFUSED' }, 'connectionRefused'],
  ])('takes %j for transient', (fields, reason) => {
    expect(classifyMysqlError(error(fields))).toMatchObject({ kind: 'transient', reason });
  });

  it.each([1062, 1366, 1406, 1064])('takes %i for the rows’ fault', (errno) => {
    expect(classifyMysqlError(error({ errno }))).toEqual({ kind: 'rejected' });
  });

  it('knows a missing table', () => {
    expect(classifyMysqlError(error({ errno: 1146 }))).toEqual({ kind: 'missingTable' });
  });
});

describe(classifySqliteError, () => {
  it.each([
    [{ errcode: 5 }, 'busy'],
    [{ errcode: 517 }, 'busy'],
    [{ errcode: 13 }, 'diskFull'],
  ])('takes %j for transient', (fields, reason) => {
    expect(classifySqliteError(error(fields))).toMatchObject({ kind: 'transient', reason });
  });

  it('knows a missing table, and takes the rest for the rows’ fault', () => {
    const missing = error({ errcode: 1 }, 'no such table: x');

    expect(classifySqliteError(missing)).toEqual({ kind: 'missingTable' });
    expect(classifySqliteError(error({ errcode: 19 }))).toEqual({ kind: 'rejected' });
    expect(classifySqliteError('text')).toEqual({ kind: 'rejected' });
  });
});

describe('transientReasons', () => {
  it.each([
    ['postgres', classifyPostgresError(error({ code: '57P03' }))],
    ['mysql', classifyMysqlError(error({ errno: 1615 }))],
    ['sqlite', classifySqliteError(error({ errcode: 15 }))],
    ['sockets', classifyPostgresError(error({ code: 'EAI_AGAIN' }))],
    ['pools', classifySqliteError(error({}, 'Timeout acquiring a connection'))],
  ])('names what %s may say, once', (_, fault) => {
    const { reason } = fault as { reason: string };

    expect(transientReasons.filter((each) => each === reason)).toEqual([reason]);
  });
});
