/** What CloudStack had of our instances, and what the switches carried, at the newest looks: to be told beside our records. */
export const migration0023 = `
create table cloud_look (
  -- one row: all of CloudStack is looked at at once
  single boolean primary key default true check (single),
  -- when its newest healthy look began
  at timestamptz not null
);
create table cloud_sight (
  instance_id uuid primary key references instance (id) on delete cascade,
  -- null: CloudStack has no such VM
  vm jsonb
);
-- by port: what it carried, running and saved, and when that look began
alter table switch_look add column seen jsonb not null default '{}';
`
