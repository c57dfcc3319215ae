/** Why a prepare of CloudStack was refused: its create comes all the same, and its user sees that one's answer. */
export const migration0014 = `
create table refused_prepare (
  external_id text primary key,
  message text not null,
  remedy text not null,
  at timestamptz not null default now()
);
`
