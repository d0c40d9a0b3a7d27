// CF time coordinates: "hours since 1970-01-01" in one of the calendars that climate models use, some of which have a
// 30th of February. Dates are therefore plain fields, never `Date`. CF conventions 1.11, section 4.4.

export interface CalendarDate {
  year: number
  month: number
  day: number
  hour: number
  minute: number
}

/** Days since an arbitrary fixed day, and back. */
interface Calendar {
  dayNumber(year: number, month: number, day: number): number
  date(dayNumber: number): [year: number, month: number, day: number]
}

const MINUTES_PER_DAY = 1440
const UNIT_IN_MINUTES: Record<string, number> = {
  d: MINUTES_PER_DAY,
  day: MINUTES_PER_DAY,
  h: 60,
  hr: 60,
  hour: 60,
  min: 1,
  minute: 1,
  s: 1 / 60,
  sec: 1 / 60,
  second: 1 / 60,
  ms: 1 / 60_000,
  millisecond: 1 / 60_000,
}
const REFERENCE =
  /^([a-z]+) since (-?\d{1,4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2}(?:\.\d*)?))?)?(?: ?(?:Z|UTC))?$/i
const MONTH_NAMES = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * A decoder for values in `units`, or undefined where a date would be a guess: not a time, months or years as the unit,
 * a time zone, an unknown calendar, or dates before October 1582 in the mixed Julian/Gregorian calendar.
 */
export function timeDecoder(
  units: string,
  calendarName = 'standard',
): ((value: number) => CalendarDate) | undefined {
  const match = REFERENCE.exec(units.trim())
  const calendar = calendarNamed(calendarName.toLowerCase())
  if (!match || !calendar) return undefined
  const [, unit = '', year, month, day, hour = 0, minute = 0, second = 0] = match
  const scale = UNIT_IN_MINUTES[unit.toLowerCase()] ?? UNIT_IN_MINUTES[unit.toLowerCase().replace(/s$/, '')]
  if (scale === undefined) return undefined
  if (isMixed(calendarName) && Number(year) <= 1582) return undefined
  const origin = calendar.dayNumber(Number(year), Number(month), Number(day))
  const originMinutes = Number(hour) * 60 + Number(minute) + Number(second) / 60
  return (value) => {
    // Rounded to the minute before it is split into days, lest 23:59:59.999 be shown as the day before.
    const minutes = Math.round(originMinutes + value * scale)
    const days = Math.floor(minutes / MINUTES_PER_DAY)
    const [y, m, d] = calendar.date(origin + days)
    const ofDay = minutes - days * MINUTES_PER_DAY
    return { year: y, month: m, day: d, hour: Math.floor(ofDay / 60), minute: ofDay % 60 }
  }
}

export function formatDate({ year, month, day, hour, minute }: CalendarDate, withTime: boolean): string {
  const date = `${day} ${MONTH_NAMES[month - 1]} ${year}`
  return withTime ? `${date} ${twoDigits(hour)}:${twoDigits(minute)}` : date
}

const twoDigits = (value: number) => String(value).padStart(2, '0')

const isMixed = (name: string) => ['standard', 'gregorian'].includes(name.toLowerCase())

function calendarNamed(name: string): Calendar | undefined {
  switch (name) {
    case 'standard':
    case 'gregorian':
    case 'proleptic_gregorian':
      return gregorian
    case '360_day':
      return fixedYear(Array<number>(12).fill(30))
    case 'noleap':
    case '365_day':
      return fixedYear([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    case 'all_leap':
    case '366_day':
      return fixedYear([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    default:
      return undefined
  }
}

const MILLISECONDS_PER_DAY = 86_400_000
const gregorian: Calendar = {
  dayNumber(year, month, day) {
    // Not Date.UTC: it takes the years 0 to 99 for 1900 to 1999.
    return new Date(0).setUTCFullYear(year, month - 1, day) / MILLISECONDS_PER_DAY
  },
  date(dayNumber) {
    const date = new Date(dayNumber * MILLISECONDS_PER_DAY)
    return [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
  },
}

/** A calendar whose years are all alike. */
function fixedYear(monthLengths: number[]): Calendar {
  const yearLength = monthLengths.reduce((sum, days) => sum + days)
  return {
    dayNumber(year, month, day) {
      return monthLengths.slice(0, month - 1).reduce((sum, days) => sum + days, year * yearLength + day - 1)
    },
    date(dayNumber) {
      const year = Math.floor(dayNumber / yearLength)
      let rest = dayNumber - year * yearLength
      let month = 0
      for (const days of monthLengths) {
        if (rest < days) break
        rest -= days
        month++
      }
      return [year, month + 1, rest + 1]
    },
  }
}
