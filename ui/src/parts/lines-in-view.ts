import { type RefObject, useLayoutEffect, useState } from 'react'
import { flushSync } from 'react-dom'

/** Height of every line, in CSS pixels; the style sheet says the same. */
export const ROW_PX = 34
/** Lines made ahead above and below, so that none is missing while the next are made. */
const AHEAD = 6

interface Lines {
  first: number
  /** One past the last. */
  last: number
}

/**
 * Which of so many lines of one height can be seen. The lines that come are made within the frame that scrolls: a browser
 * tells of a scroll once per frame, before it paints.
 */
export function useLinesInView(place: RefObject<HTMLElement | null>, count: number): Lines {
  const [at, setAt] = useState<Lines>({ first: 0, last: 30 })
  useLayoutEffect(() => {
    const element = place.current
    if (element === null) return
    const look = () => {
      const first = Math.max(0, Math.floor(element.scrollTop / ROW_PX) - AHEAD)
      const last = Math.ceil((element.scrollTop + element.clientHeight) / ROW_PX) + AHEAD
      setAt((had) => (had.first === first && had.last === last ? had : { first, last }))
    }
    const scroll = () => flushSync(look)
    const resize = new ResizeObserver(look)
    resize.observe(element)
    element.addEventListener('scroll', scroll, { passive: true })
    return () => {
      resize.disconnect()
      element.removeEventListener('scroll', scroll)
    }
  }, [place])
  const last = Math.min(count, at.last)
  return { first: Math.min(at.first, Math.max(0, last - 1)), last }
}
