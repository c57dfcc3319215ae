/**
 * Readings of power leave the wide table host for a narrow one of their own. Half of each page stays free and nothing but
 * the key is indexed, so that a new age is written beside the old one (a HOT update) and no index ever grows. Columns
 * host.power_* are left behind for replicas of the version before, until a later migration drops them.
 */
export const migration0004 = `
create table power_reading (
  host_id uuid primary key references host (id) on delete cascade,
  state text not null default 'unknown',
  -- of the newest reading that counts; unknown: when it was found to be so
  at timestamptz,
  -- since when it has been in this state
  since timestamptz,
  -- what was seen last, on or off
  known text,
  known_at timestamptz,
  -- readings taken before an action never overwrite its outcome
  epoch bigint not null default 0,
  -- looks that failed since; why, and not before when the next one is
  failures int not null default 0,
  failure jsonb,
  next_look timestamptz,
  -- stands for the credentials that the BMC refused
  refused text
) with (fillfactor = 50);

insert into power_reading (host_id, state, at, since, known, known_at, epoch)
select id, power_state, power_at, power_at, nullif(power_state, 'unknown'), case when power_state <> 'unknown' then power_at end, power_epoch
from host;

-- new hosts are looked for every few seconds
create index host_by_creation on host (created_at);

alter table host add column power_policy text not null default 'report';
`
