/**
 * The web interface knows of Ferrule what the OpenAPI document says, and nothing else: no code, and no other types.
 */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment:
        'Pages use parts, parts use the API: a cycle means that two files are one thing or need a third.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'An import that leads nowhere.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'ui-knows-the-generated-api-types-only',
      severity: 'error',
      comment: 'What is not in the OpenAPI document is nobody’s outside.',
      from: { path: '^ui/' },
      to: { path: '^(src|lab|bench|test|scripts)/', pathNot: '^src/api/client\\.generated\\.ts$' },
    },
    {
      name: 'api-and-parts-know-no-pages',
      severity: 'error',
      comment: 'Pages are put together from parts, never the other way round.',
      from: { path: '^ui/src/(api|parts)/' },
      to: { path: '^ui/src/(pages|app)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json', '.css'],
      conditionNames: ['import', 'browser', 'default'],
    },
  },
}
