// A program on a command line: prints what is below the URL that is its first argument.
import process from 'node:process'
import { read } from './read.js'

const [base, ...paths] = process.argv.slice(2)
console.log(JSON.stringify(await read(base, paths)))
