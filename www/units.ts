// The units that values are shown in: the array's own, or °C where these are kelvins and the reader prefers that.

export interface Units {
  name: string
  convert(value: number): number
}

export function isKelvin(units: unknown): boolean {
  return typeof units === 'string' && ['k', 'kelvin', 'degk', 'deg_k'].includes(units.toLowerCase())
}

export function unitsOf(units: unknown, inCelsius: boolean): Units {
  if (inCelsius && isKelvin(units)) return { name: '°C', convert: (kelvin) => kelvin - 273.15 }
  return { name: typeof units === 'string' && units !== '1' ? units : '', convert: (value) => value }
}
