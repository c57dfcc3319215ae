/** Append-only: a released migration is never edited; a change is the next number. */
export const migration0001 = `
create table installation (
  id text primary key,
  name text not null,
  created_at timestamptz not null default now()
);

create table rack_config (
  name text primary key,
  body jsonb not null,
  applied_at timestamptz not null default now()
);

create table switch (
  id text primary key,
  rack text not null references rack_config (name) on delete cascade,
  address text not null unique,
  type text not null,
  username text not null,
  password_sealed text not null,
  pxe_vlan int not null,
  quarantine_vlan int not null,
  vlan_from int not null,
  vlan_to int not null
);

create table cable (
  mac text primary key,
  switch_id text not null references switch (id) on delete cascade,
  port text not null,
  unique (switch_id, port)
);

create table host (
  id uuid primary key,
  name text not null unique,
  system_id text unique,
  bmc_address text not null unique,
  bmc_username text not null,
  bmc_password_sealed text not null,
  boot_mac text not null unique,
  cpu_count int not null,
  cpu_speed_mhz int not null,
  memory_mib int not null,
  architecture text not null,
  tags text[] not null default '{}',
  interfaces jsonb not null default '[]',
  disks jsonb not null default '[]',
  in_pool boolean not null default false,
  read_only boolean not null default false,
  attention jsonb,
  power_state text not null default 'unknown',
  power_at timestamptz,
  -- readings taken before an action never overwrite its outcome
  power_epoch bigint not null default 0,
  maas_event_seen bigint not null default 0,
  created_at timestamptz not null default now()
);

-- survives removing and re-adding a host: keyed by MAAS system id and disk serial
create table dirty_mark (
  key text primary key,
  reason text not null,
  operation_id uuid,
  since timestamptz not null default now()
);

create table template (
  id uuid primary key,
  name text not null unique,
  url text not null,
  image text not null,
  os_family text not null,
  architecture text not null,
  created_at timestamptz not null default now()
);

create table offering (
  id uuid primary key,
  name text not null unique,
  cpu_count int not null,
  cpu_speed_mhz int not null,
  memory_mib int not null,
  host_tags text[] not null,
  architecture text not null,
  match text not null,
  erase text,
  bond_mode text not null,
  created_at timestamptz not null default now()
);

create table network (
  id text primary key,
  name text not null unique,
  kind text not null,
  vlan int,
  created_at timestamptz not null default now()
);

create table instance (
  id uuid primary key,
  name text not null,
  external_id text,
  state text not null,
  template_id uuid not null references template (id),
  offering_id uuid not null references offering (id),
  nics jsonb not null,
  erase text,
  hostname text not null,
  error jsonb,
  -- the host that a stopped or running instance lives on; the truth about who has a host is the table tenancy
  last_host_id uuid,
  clear_at timestamptz,
  -- set when a create call of CloudStack claimed the result (deploy step 10); direct API deploys claim themselves
  claimed_at timestamptz,
  attempts jsonb not null default '[]',
  created_at timestamptz not null default now(),
  destroyed_at timestamptz
);
create unique index instance_name_live on instance (name) where destroyed_at is null;
create unique index instance_external_live on instance (external_id) where destroyed_at is null;

create sequence operation_number;
create table operation (
  id uuid primary key,
  number bigint not null unique default nextval('operation_number'),
  kind text not null,
  ref text not null,
  state text not null default 'queued',
  host_id uuid,
  instance_id uuid,
  input jsonb not null,
  cancel_requested text,
  error jsonb,
  parked jsonb,
  created_by text not null,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  takeovers int not null default 0
);
create index operation_by_instance on operation (instance_id, number);
create index operation_by_host on operation (host_id, number);
create index operation_live on operation (number) where ended_at is null;

create table operation_step (
  operation_id uuid not null references operation (id) on delete cascade,
  seq int not null,
  name text not null,
  title text not null,
  direction text not null,
  attempt int not null,
  state text not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  output jsonb,
  error jsonb,
  primary key (operation_id, direction, name)
);

create table event (
  id bigserial primary key,
  at timestamptz not null default now(),
  kind text not null,
  operation_id uuid,
  host_id uuid,
  instance_id uuid,
  message text not null,
  data jsonb not null default '{}'
);
create index event_by_operation on event (operation_id, id);
create index event_by_host on event (host_id, id);
create index event_by_instance on event (instance_id, id);

-- which operation has the host; executor: which replica runs it now
create table hold (
  host_id uuid primary key references host (id),
  operation_id uuid not null,
  executor text not null,
  since timestamptz not null default now()
);

-- which instance has the host: unique both ways, from the choice until the erase certificate
create table tenancy (
  host_id uuid primary key references host (id),
  instance_id uuid not null unique references instance (id),
  since timestamptz not null default now()
);

create table reservation (
  external_id text primary key,
  host_id uuid not null unique references host (id) on delete cascade,
  token text not null,
  expires_at timestamptz not null
);

-- a fence: stands from before the first device write until a verified, saved read-back
create table port_ledger (
  switch_id text not null,
  port text not null,
  vlan int not null,
  network_id text not null,
  instance_id uuid not null,
  host_id uuid not null,
  since timestamptz not null default now(),
  primary key (switch_id, port, vlan)
);
create index port_ledger_vlan on port_ledger (vlan);

create table switch_lease (
  switch_id text primary key,
  executor text not null,
  until timestamptz not null
);

create table certificate (
  id uuid primary key,
  host_id uuid not null,
  operation_id uuid not null,
  instance_id uuid,
  proven boolean not null,
  body jsonb not null,
  at timestamptz not null default now()
);
create index certificate_by_host on certificate (host_id, at desc);

create table replica (
  executor text primary key,
  refs text[] not null,
  beat timestamptz not null
);

create table token (
  hash text primary key,
  name text not null unique,
  role text not null,
  created_at timestamptz not null default now()
);

create table idempotency (
  token_name text not null,
  key text not null,
  request_hash text not null,
  operation_id uuid,
  response jsonb,
  created_at timestamptz not null default now(),
  primary key (token_name, key)
);
`
