export const migration0006 = `
-- the tagged NICs that the installed system was made with; null: not known
alter table instance add column system_nics jsonb;
`
