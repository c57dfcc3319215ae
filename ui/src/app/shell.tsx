import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useLocation, useRouter } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { signedOut } from '../api/client.ts'
import { LiveProvider } from '../api/live.tsx'
import { settingsQuery } from '../api/queries.ts'
import { dropToken, readToken } from '../api/token.ts'
import { words } from '../words.ts'
import { LiveMark, Stale } from './live-mark.tsx'
import { Palette } from './palette.tsx'
import { SignIn } from './sign-in.tsx'
import { applyTheme, theme } from './theme.ts'

const pages = [
  ['/', words.nav.attention],
  ['/racks', words.nav.racks],
  ['/hosts', words.nav.hosts],
  ['/instances', words.nav.instances],
  ['/networks', words.nav.networks],
  ['/templates', words.nav.templates],
  ['/offerings', words.nav.offerings],
  ['/operations', words.nav.operations],
  ['/switches', words.nav.switches],
  ['/settings', words.nav.settings],
] as const

export function Shell() {
  const [signedIn, setSignedIn] = useState(readToken() !== null)
  const queries = useQueryClient()
  useEffect(() => {
    const out = () => {
      setSignedIn(false)
      queries.clear()
    }
    signedOut.addEventListener('signed-out', out)
    return () => signedOut.removeEventListener('signed-out', out)
  }, [queries])
  if (!signedIn) return <SignIn onDone={() => setSignedIn(true)} />
  return (
    <LiveProvider>
      <Frame
        onSignOut={() => {
          dropToken()
          setSignedIn(false)
          queries.clear()
        }}
      />
    </LiveProvider>
  )
}

function Frame({ onSignOut }: { onSignOut: () => void }) {
  const [finding, setFinding] = useState(false)
  const [colours, setColours] = useState(theme())
  const main = useRef<HTMLElement>(null)
  const { pathname } = useLocation()
  // what runs on real racks has no such page
  const hasLab = useQuery(settingsQuery).data?.lab !== undefined
  const shown = hasLab ? ([...pages, ['/lab', words.nav.lab]] as const) : pages
  useTitle(main, pathname)
  useFocusOnNewPage(main)
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      setFinding(true)
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
  const next = colours === 'dark' ? 'light' : 'dark'
  return (
    <>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        {words.shell.skip}
      </button>
      <header className="bar">
        <Link to="/" className="brand">
          Ferrule
        </Link>
        <nav aria-label={words.nav.label}>
          {shown.map(([to, name]) => (
            <Link
              key={to}
              to={to}
              activeOptions={{ exact: to === '/' }}
              activeProps={{ 'aria-current': 'page' }}
            >
              {name}
            </Link>
          ))}
        </nav>
        <div className="bar-end">
          <button type="button" className="button plain find" onClick={() => setFinding(true)}>
            {words.shell.find} <kbd>{words.shell.findKeys}</kbd>
          </button>
          <LiveMark />
          <button
            type="button"
            className="button plain"
            aria-label={words.shell.theme(next)}
            onClick={() => setColours(applyTheme(next))}
          >
            {next === 'light' ? words.shell.light : words.shell.dark}
          </button>
          <button type="button" className="button plain" onClick={onSignOut}>
            {words.shell.signOut}
          </button>
        </div>
      </header>
      <Stale />
      <main id="content" ref={main} tabIndex={-1}>
        <Outlet />
      </main>
      {finding && <Palette pages={shown} onClose={() => setFinding(false)} />}
    </>
  )
}

/**
 * What led to another page is often gone with the one that it was on, and the focus with it: then the new page has it.
 * A link of the bar keeps it, and so does the dialog that a page opens with.
 */
function useFocusOnNewPage(main: React.RefObject<HTMLElement | null>) {
  const router = useRouter()
  useEffect(
    () =>
      router.subscribe('onRendered', ({ fromLocation, pathChanged }) => {
        // who has just opened Ferrule begins at the bar
        if (fromLocation === undefined || !pathChanged) return
        if (document.activeElement === document.body) main.current?.focus({ preventScroll: true })
      }),
    [main, router],
  )
}

/** The tab says what its page says. */
function useTitle(main: React.RefObject<HTMLElement | null>, pathname: string) {
  useEffect(() => {
    void pathname
    const tell = () => {
      const title = main.current?.querySelector('h1')?.textContent ?? ''
      const full = title === '' ? 'Ferrule' : `${title} – Ferrule`
      if (document.title !== full) document.title = full
    }
    tell()
    const watch = new MutationObserver(tell)
    if (main.current) watch.observe(main.current, { childList: true, subtree: true })
    return () => watch.disconnect()
  }, [main, pathname])
}
