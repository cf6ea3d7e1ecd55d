// The vendor's pages that scenarios answer: by their titles, where older records have numbers.

const TITLES: Readonly<Record<string, string>> = {
  '000': 'Deploy for High Availability',
  '001': 'Data Plane High Availability',
  '002': 'High Availability',
  '003': 'Multiple Availability Zones',
  '004': 'High Availability (2.13)',
}

/** 'Runbook page Deploy for High Availability'; a page that is no number of those is told as it was written down. */
export const sayRunbookPage = (page: string): string =>
  `Runbook page ${Object.hasOwn(TITLES, page) ? TITLES[page] : page}`
