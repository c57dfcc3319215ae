/** Hosts of CloudStack that stand for one machine each, and what only CloudStack has. */
export const migration0013 = `
create table cloud_host (
  cloud_id text primary key,
  name text not null,
  -- the host here that it stands for
  host_id uuid references host (id) on delete set null,
  withdrawn boolean not null default false,
  -- it stood for a host here whose enlistment was over
  settled boolean not null default false,
  -- the newest enlistment that was begun for it, and a digest of what it was begun with
  operation_id uuid,
  digest text,
  tried_at timestamptz,
  -- why it could not even be begun
  error jsonb
);
create table cloud_finding (
  key text primary key,
  name text not null,
  host_id uuid references host (id) on delete cascade,
  code text not null,
  message text not null,
  remedy text not null,
  -- healthy looks in a row that saw just this
  looks int not null,
  since timestamptz not null,
  seen_at timestamptz not null
);
`
