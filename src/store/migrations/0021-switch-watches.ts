/** Whether a switch tells its changes to the replica that looks at it. None of a switch whose protocol does not push. */
export const migration0021 = `
create table switch_watch (
  switch_id text primary key references switch (id) on delete cascade,
  -- the replica that subscribes to it
  executor text not null,
  state text not null check (state in ('subscribed', 'lost', 'refused')),
  since timestamptz not null default now(),
  -- what ended the newest subscription
  failure text
);
`
