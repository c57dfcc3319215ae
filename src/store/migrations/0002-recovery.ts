/** What a person confirmed after a database older than the world was restored; operation numbers go on above its floor. */
export const migration0002 = `
create table recovery (
  id uuid primary key,
  fingerprint text not null,
  number_floor bigint not null,
  plan jsonb not null,
  confirmed_by text not null,
  at timestamptz not null default now()
);
`
