const KEY = 'ferrule.theme'

export type Theme = 'dark' | 'light'

/** The last choice here, else what the system says. */
export function theme(): Theme {
  const kept = localStorage.getItem(KEY)
  if (kept === 'dark' || kept === 'light') return kept
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark'
}

export function applyTheme(next?: Theme): Theme {
  if (next !== undefined) localStorage.setItem(KEY, next)
  const now = theme()
  document.documentElement.dataset.theme = now
  return now
}
