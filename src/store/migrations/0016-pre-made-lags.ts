/** A NIC in a LAG that people made: `port` is the LAG, which several NICs share, and `member` its own port. */
export const migration0016 = `
alter table cable add column member text;
alter table cable drop constraint cable_switch_id_port_key;
create unique index cable_own_port on cable (switch_id, coalesce(member, port));
`
