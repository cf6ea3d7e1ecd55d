// Client certificates that DP Manager has to refuse: one that has expired, and one of an authority that it does not know.
import { type Authority, type Issued, issueClientCertificate, makeAuthority } from './certificates.ts'

const HOUR_MS = 3_600_000

/** Issued by `authority` and over since an hour, or by an authority made for it. */
export const issueRefused = async (
  authority: Authority,
  { state, gatewayGroupId }: { readonly state: string; readonly gatewayGroupId: string },
): Promise<Issued> => {
  if (state === 'expired')
    return issueClientCertificate(authority, { gatewayGroupId, expiresAt: new Date(Date.now() - HOUR_MS) })
  if (state === 'foreign') return issueClientCertificate(await makeAuthority(), { gatewayGroupId })
  throw new RangeError(`The state is '${state}', expected expired or foreign.`)
}
