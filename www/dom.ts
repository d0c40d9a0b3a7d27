// The two things that the page does with the DOM all the time: find what index.html declares, and make small elements.

/** The element of index.html with this id; the page is broken without it. */
export function byId<T extends Element>(id: string, type: new () => T): T {
  const found: Element | null = document.getElementById(id)
  if (!(found instanceof type)) throw new Error(`index.html has no ${type.name} with the id ${id}`)
  return found
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}
