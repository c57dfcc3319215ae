/**
 * What CloudStack's tenants gave for the first boot of their servers, for networks in which nobody else serves it: sealed,
 * for one NIC of one VM. It is there before the VM has a record here, so it hangs on CloudStack's ids.
 */
export const migration0017 = `
create table tenant_data (
  external_id text not null,
  nic_id text not null,
  sealed text not null,
  hostname text,
  at timestamptz not null default now(),
  primary key (external_id, nic_id)
);
create index tenant_data_nic on tenant_data (nic_id);
`
