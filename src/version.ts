/** As in package.json: told by the API and the CLI. */
export const version = '0.1.0'
