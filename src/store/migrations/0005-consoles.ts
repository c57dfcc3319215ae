export const migration0005 = `
-- which replica has the one session with a host's serial console; url: where other replicas find it, if it says
create table console_lease (
  host_id uuid primary key references host (id) on delete cascade,
  executor text not null,
  url text,
  until timestamptz not null
);

-- lets one browser in, once: it cannot send a token with a WebSocket
create table console_ticket (
  hash text primary key,
  host_id uuid not null references host (id) on delete cascade,
  viewer text not null,
  may_write boolean not null,
  instance_id uuid,
  expires_at timestamptz not null
);
`
