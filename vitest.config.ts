import { defineConfig } from 'vitest/config';

const guest = { testTimeout: 900_000, hookTimeout: 900_000 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'rooms',
          include: ['test/**/*.test.ts'],
          exclude: ['test/guest/**'],
          testTimeout: 120_000,
        },
      },
      { test: { name: 'guest', include: ['test/guest/**/*.test.ts'], fileParallelism: false, ...guest } },
    ],
    maxWorkers: 2,
  },
});
