/** What the last look at a switch's ports came to. */
export const migration0011 = `
create table switch_look (
  switch_id text primary key references switch (id) on delete cascade,
  -- when it last answered
  at timestamptz,
  -- why the newest look saw nothing
  failure text,
  -- ports that were not as wanted
  drift jsonb not null default '[]'
);
`
