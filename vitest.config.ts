import { defineConfig } from 'vitest/config'

/**
 * `FERRULE_TEST_REPORT=FOLDER` adds a JSON report per npm script (test-unit.json, …) for the continuous integration's
 * count. A report of each, because a run of several projects would hide one in which nothing ran.
 */
const folder = process.env.FERRULE_TEST_REPORT
const script = (process.env.npm_lifecycle_event ?? 'vitest').replaceAll(':', '-')

const second = 1000
const minute = 60 * second

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    passWithNoTests: false,
    globalSetup: ['test/support/sweep-setup.ts'],
    reporters: folder ? ['default', ['json', { outputFile: `${folder}/${script}.json` }]] : ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // a process for each of two hundred small files would cost a fifth more
          pool: 'threads',
          include: ['src/**/*.test.ts', 'lab/**/*.test.ts', 'scripts/**/*.test.ts'],
          testTimeout: 20 * second,
          hookTimeout: 30 * second,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          globalSetup: ['test/support/shared-postgres-setup.ts'],
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 120 * second,
          hookTimeout: 120 * second,
        },
      },
      {
        extends: true,
        test: {
          name: 'bad-days',
          globalSetup: ['test/support/shared-postgres-setup.ts'],
          include: ['test/bad-days/**/*.test.ts'],
          testTimeout: 180 * second,
          hookTimeout: 180 * second,
        },
      },
      {
        extends: true,
        test: {
          name: 'saga',
          globalSetup: ['test/support/shared-postgres-setup.ts'],
          include: ['test/saga/**/*.test.ts'],
          testTimeout: 120 * second,
          hookTimeout: 120 * second,
        },
      },
      {
        extends: true,
        test: {
          name: 'fuzz',
          include: ['test/fuzz/**/*.test.ts'],
          testTimeout: 30 * minute,
          // Whether memory grows can be told only after a collection.
          execArgv: ['--expose-gc'],
        },
      },
      {
        extends: true,
        test: {
          name: 'peers',
          include: ['test/peers/**/*.test.ts'],
          testTimeout: 240 * second,
          hookTimeout: 240 * second,
        },
      },
      {
        extends: true,
        test: {
          name: 'tofu',
          include: ['test/tofu/**/*.test.ts'],
          testTimeout: 300 * second,
          hookTimeout: 240 * second,
        },
      },
      {
        extends: true,
        test: {
          name: 'ui',
          include: ['test/ui/**/*.test.ts'],
          // each has a lab and a browser of its own: more than one at a time is slower on two cores
          fileParallelism: false,
          testTimeout: 150 * second,
          hookTimeout: 180 * second,
        },
      },
    ],
  },
})
