/** Hosts that were there before are IPMI's; new ones say which protocol they want. */
export const migration0003 = `
alter table host
  add column bmc_protocol text not null default 'ipmi',
  -- what protocol auto has found
  add column bmc_found text,
  add column bmc_fingerprint text,
  add column bmc_system text,
  add column bmc_kg_sealed text,
  -- none where only MAAS or a person can switch the host
  alter column bmc_address drop not null,
  drop constraint host_bmc_address_key;

-- one BMC may have several systems, each a host of its own
create unique index host_bmc_address_key on host (bmc_address, coalesce(bmc_system, ''));

-- sessions that a replica has open on a BMC: those of a dead one are deleted by whoever logs in next
create table bmc_session (
  address text not null,
  uri text not null,
  executor text not null,
  since timestamptz not null default now(),
  primary key (address, uri)
);

-- what a person was asked about a host, and what a person said; a word older than the question is none
create table person_word (
  host_id uuid not null references host (id) on delete cascade,
  topic text not null,
  question text,
  asked_for uuid,
  asked_at timestamptz,
  says text,
  said_by text,
  said_at timestamptz,
  primary key (host_id, topic)
);
`
