/** Rack configurations that CloudStack's old bare-metal plugin has (addBaremetalRct), as they were applied here. */
export const migration0022 = `
create table cloud_rack (
  cloud_id text primary key,
  url text not null,
  -- a digest of the file, sealed: it has passwords in it, which a bare digest would be there to be guessed at
  digest_sealed text not null
);
-- a machine that CloudStack deploys on itself is given out by no pool; one of the old plugin's is
alter table cloud_host add column is_own boolean not null default true;
`
