// A page: reads what its URL asks for.
import { read } from './read.js'
import { show, wanted } from './show.js'

show(read(...wanted()))
