/** How Ferrule reaches a switch beyond its address and password, and by what it knows that it is the right one. */
export const migration0008 = `
alter table switch add column fingerprint text;
alter table switch add column ca text;
alter table switch add column insecure boolean not null default false;
`
