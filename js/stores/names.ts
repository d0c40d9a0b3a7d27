// Listings of stores that know all their keys.

/** Names right below a folder, with a slash at its end unless it is the root, among keys without a slash in front. */
export function namesBelow(folder: string, keys: Iterable<string>): Set<string> {
  const names = new Set<string>()
  for (const key of keys) {
    if (!key.startsWith(folder)) continue
    const [name] = key.slice(folder.length).split('/', 1)
    if (name !== '') names.add(name)
  }
  return names
}
