/** Whose an instance is: its domain and account, or project, in CloudStack. */
export const migration0019 = `
alter table instance add column tenant text;
`
