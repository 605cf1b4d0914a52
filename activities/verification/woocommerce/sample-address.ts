/** By country: a postcode, and a state where WooCommerce requires one. WooCommerce validates both by country. */
const PLACES: Readonly<Record<string, { readonly postcode: string; readonly state?: string }>> = {
  AT: { postcode: '1010' },
  AU: { postcode: '2000', state: 'NSW' },
  BE: { postcode: '1000' },
  BR: { postcode: '01000-000', state: 'SP' },
  CA: { postcode: 'K1A 0B1', state: 'ON' },
  CH: { postcode: '8001', state: 'ZH' },
  CZ: { postcode: '110 00' },
  DE: { postcode: '10115', state: 'DE-BE' },
  DK: { postcode: '1050' },
  ES: { postcode: '28001', state: 'M' },
  FR: { postcode: '75001' },
  GB: { postcode: 'SW1A 1AA' },
  HU: { postcode: '1011', state: 'BU' },
  IE: { postcode: 'D01 F5P2', state: 'D' },
  IN: { postcode: '110001', state: 'DL' },
  IT: { postcode: '00118', state: 'RM' },
  JP: { postcode: '100-0001', state: 'JP13' },
  MX: { postcode: '06000', state: 'DF' },
  NL: { postcode: '1000 AA' },
  NO: { postcode: '0150' },
  PL: { postcode: '00-001' },
  PT: { postcode: '1000-001' },
  SE: { postcode: '111 20' },
  SK: { postcode: '811 01' },
  US: { postcode: '10001', state: 'NY' },
};

const DEFAULT_PLACE = { postcode: '10000' };

/** Returns an address that WooCommerce accepts in a country. @param country ISO 3166-1 alpha-2, upper case. */
export function sampleAddress(country: string) {
  const place = PLACES[country] ?? DEFAULT_PLACE;
  return {
    first_name: 'Verification',
    last_name: 'Order',
    company: '',
    address_1: 'Automatic verification order 1',
    address_2: '',
    city: 'Nowhere',
    country,
    state: '',
    phone: '',
    ...place,
  };
}
