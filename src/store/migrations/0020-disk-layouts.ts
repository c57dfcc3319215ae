/** How disks are laid out: an offering's wish, and what a machine in MAAS was given until it is taken back. */
export const migration0020 = `
alter table offering add column disk_layout text;
create table given_disk_layout (system_id text primary key, layout text not null);
`
