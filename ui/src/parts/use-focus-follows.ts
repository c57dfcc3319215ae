import { type RefObject, useEffect, useRef } from 'react'

/**
 * Focus goes where the work goes in a list of fields that grows and shrinks: into the last fieldset when one is added,
 * to the button that adds when the one with the focus is taken away.
 *
 * @returns for the element right behind the fieldsets, which holds the button that adds
 */
export function useFocusFollows(count: number): RefObject<HTMLParagraphElement | null> {
  const behind = useRef<HTMLParagraphElement>(null)
  const before = useRef(count)
  useEffect(() => {
    const grew = count > before.current
    const shrank = count < before.current
    before.current = count
    if (grew) behind.current?.previousElementSibling?.querySelector<HTMLElement>('input, select')?.focus()
    if (shrank) behind.current?.querySelector('button')?.focus()
  }, [count])
  return behind
}
