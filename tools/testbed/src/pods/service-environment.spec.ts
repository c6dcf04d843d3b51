import { serviceEnvironment } from './service-environment.ts';

const apiServer = { host: '10.0.0.1', port: 6443 };

describe(serviceEnvironment, () => {
  it('tells of the API server', () => {
    expect(serviceEnvironment(apiServer, [])).toMatchObject({
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
      KUBERNETES_SERVICE_PORT: '6443',
      KUBERNETES_SERVICE_PORT_HTTPS: '6443',
      KUBERNETES_PORT: 'tcp://10.0.0.1:6443',
    });
  });

  it('tells of Services under names made of theirs', () => {
    const service = {
      metadata: { name: 'redis-primary', namespace: 'shop' },
      spec: { clusterIP: '10.0.0.11', ports: [{ port: 6379 }, { name: 'admin', port: 80 }] },
    };

    expect(serviceEnvironment(apiServer, [service])).toMatchObject({
      REDIS_PRIMARY_SERVICE_HOST: '10.0.0.11',
      REDIS_PRIMARY_SERVICE_PORT: '6379',
      REDIS_PRIMARY_SERVICE_PORT_ADMIN: '80',
      REDIS_PRIMARY_PORT: 'tcp://10.0.0.11:6379',
      REDIS_PRIMARY_PORT_6379_TCP: 'tcp://10.0.0.11:6379',
      REDIS_PRIMARY_PORT_6379_TCP_PROTO: 'tcp',
      REDIS_PRIMARY_PORT_6379_TCP_PORT: '6379',
      REDIS_PRIMARY_PORT_6379_TCP_ADDR: '10.0.0.11',
      REDIS_PRIMARY_PORT_80_TCP_PORT: '80',
    });
  });

  it('says nothing of headless ones', () => {
    const headless = {
      metadata: { name: 'db', namespace: 'shop' },
      spec: { clusterIP: 'None', ports: [{ port: 5432 }] },
    };

    expect(Object.keys(serviceEnvironment(apiServer, [headless])).join()).not.toContain('DB_');
  });
});
