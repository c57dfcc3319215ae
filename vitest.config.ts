import { defineConfig } from 'vitest/config'

/**
 * `FERRULE_TEST_REPORT=FILE` adds a JSON report for the continuous integration's count; a file per project, because
 * one run of several projects would otherwise hide a project in which nothing ran.
 */
const report = process.env.FERRULE_TEST_REPORT

const second = 1000

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    passWithNoTests: false,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'lab/**/*.test.ts', 'scripts/**/*.test.ts'],
          testTimeout: 20 * second,
          hookTimeout: 30 * second,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 60 * second,
          hookTimeout: 60 * second,
        },
      },
      {
        extends: true,
        test: {
          name: 'saga',
          include: ['test/saga/**/*.test.ts'],
          testTimeout: 120 * second,
          hookTimeout: 120 * second,
        },
      },
      {
        extends: true,
        test: {
          name: 'peers',
          include: ['test/peers/**/*.test.ts'],
          testTimeout: 120 * second,
          hookTimeout: 120 * second,
        },
      },
    ],
  },
})
