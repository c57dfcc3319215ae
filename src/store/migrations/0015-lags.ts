/** LAGs: which numbers Ferrule may use on a switch, and which one a tenancy has; it goes with the tenancy. */
export const migration0015 = `
alter table switch add column lag_from int, add column lag_to int;
create table lag (
  switch_id text not null references switch (id) on delete cascade,
  number int not null,
  host_id uuid not null references tenancy (host_id) on delete cascade,
  primary key (switch_id, number),
  unique (host_id, switch_id)
);
`
