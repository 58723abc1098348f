import { fileURLToPath } from 'node:url';
import { createViteServer } from 'vitest/node';

/**
 * Loads TypeScript that scripts share with the tests, by vitest's own server, as the tests do. Paths begin at the root of the
 * repository.
 */
export async function openLoader() {
  const server = await createViteServer({
    root: fileURLToPath(new URL('..', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    oxc: { target: 'es2022' },
    optimizeDeps: { noDiscovery: true },
    server: { middlewareMode: true, ws: false, watch: null },
  });
  return { load: path => server.ssrLoadModule(path), close: () => server.close() };
}
