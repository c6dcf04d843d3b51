import { clouddriverConfig } from './clouddriver-config.ts';

const poolOf = (databaseUrl: string) => {
  const config = clouddriverConfig({ port: 7002, databaseUrl }) as {
    readonly sql: { readonly connectionPools: { readonly default: object } };
  };
  return config.sql.connectionPools.default;
};

describe(clouddriverConfig, () => {
  it('names a PostgreSQL as its driver does, with user and password apart', () => {
    const pool = poolOf('postgres://fairlead:p%40ss@127.0.0.1:15432/t_1');

    expect(pool).toMatchObject({
      dialect: 'POSTGRES',
      jdbcUrl: 'jdbc:postgresql://127.0.0.1:15432/t_1',
      user: 'fairlead',
      password: 'p@ss',
    });
  });

  it('takes MariaDB for MySQL', () => {
    const pool = poolOf('mysql://fairlead:secret@127.0.0.1:13306/t_1');

    expect(pool).toMatchObject({ dialect: 'MYSQL', jdbcUrl: 'jdbc:mysql://127.0.0.1:13306/t_1' });
  });
});
