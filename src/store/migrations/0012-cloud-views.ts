/** Where CloudStack's own records differ from ours: what the reconciler saw, and how often in a row. */
export const migration0012 = `
create table cloud_view (
  instance_id uuid primary key references instance (id) on delete cascade,
  code text not null,
  message text not null,
  remedy text not null,
  -- healthy looks in a row that saw just this
  looks int not null,
  since timestamptz not null,
  seen_at timestamptz not null
);
`
