import { read } from './read.js'

self.onmessage = async ({ data: [base, paths] }) => self.postMessage(await read(base, paths))
