/** The arguments of `read`, of the page's URL. */
export function wanted() {
  const query = new URLSearchParams(location.search)
  return [query.get('base'), query.getAll('path')]
}

/** Puts the outcome where tests look for it. */
export async function show(reading) {
  const outcome = await reading.catch(({ code, message }) => ({ failed: `${code}: ${message}` }))
  document.body.dataset.outcome = JSON.stringify(outcome)
}
