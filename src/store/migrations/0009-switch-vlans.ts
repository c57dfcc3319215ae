/** Whether Ferrule may create VLANs on a switch that lacks them. */
export const migration0009 = `
alter table switch add column create_vlans boolean not null default true;
`
